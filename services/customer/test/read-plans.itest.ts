import { readFileSync } from 'node:fs';
import { type CustomerScope, callerSettings, noCustomers, type StaffCaller } from '@bankcrm/access';
import { migrateService } from '@bankcrm/backend';
import { openPool } from '@bankcrm/database';
import type { StaffId } from '@bankcrm/kernel';
import { suiteDatabase } from '@bankcrm/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planning } from '../src/app/deps.ts';
import { awaitedSql } from '../src/app/golden-record/place-customers.ts';
import { placements } from '../src/app/publishing/placements.ts';
import { storedSql } from '../src/app/reconcile/compare-range.ts';
import { type ListOrder, listOrders } from '../src/domain/customer-criteria.ts';
import { customer as service } from '../src/service.ts';
import { countSql, type ListPart, listPartSql, partsOf } from '../src/store/customer-lists.ts';
import { numberSearchSql, otherSearchSql, personalSearchSql, wordSearchSql } from '../src/store/customer-search.ts';
import type { Statement } from '../src/store/parameters.ts';

/** Tables that no request may read from end to end. */
const large = [
  ...['customer', 'customer_summary', 'name_token', 'transaction', 'party', 'holder', 'account', 'identifying_value'],
  ...['collaborator', 'access_grant', 'ticket_access', 'interaction', 'timeline_entry', 'panel'],
];

const org = (n: number) => `10000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const customer = (n: number) => `20000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const staffOf = (n: number, scope: Partial<CustomerScope>): StaffCaller => ({
  kind: 'staff',
  staffId: `30000000-0000-7000-8000-${String(n).padStart(12, '0')}` as StaffId,
  staffNumber: String(100_000 + n),
  posts: [],
  permissions: new Set(),
  // Grants count in every call to list, search or view.
  scope: { ...noCustomers, grants: true, ...scope },
});
const rm = staffOf(2, { portfolio: true });
const hq = staffOf(777, { bank: true });
const branch = staffOf(778, { orgUnitIds: [org(3)] as never });
const headOffice = staffOf(779, { orgUnitIds: [org(0)] as never });
const teller = staffOf(9999, { served: true });
const agent = staffOf(9003, { served: true, tickets: true });

let client: pg.Client;
let urls: Awaited<ReturnType<typeof suiteDatabase>>;

beforeAll(async () => {
  urls = await suiteDatabase('customer');
  await migrateService(urls.owner, service.folder);
  const workers = openPool({ url: urls.worker, name: 'fill', maxConnections: 1, statementTimeoutMs: 60_000 });
  await workers.query(readFileSync(new URL('support/large-bank.sql', import.meta.url), 'utf8'));
  await workers.end();
  const owner = new pg.Client({ connectionString: urls.owner });
  await owner.connect();
  await owner.query('VACUUM ANALYZE');
  await owner.end();
  client = new pg.Client({ connectionString: urls.request });
  await client.connect();
}, 180_000);
afterAll(() => client?.end());

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Join Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Node[];
}

/** Runs a statement as somebody, planned as the service has it planned, and tells which large tables it read from end to end, how many rows it touched at its busiest step, and how many it counted. */
async function explain(caller: StaffCaller, { text, values }: Statement, planned: keyof typeof planning = 'once') {
  await client.query('BEGIN');
  try {
    const settings = { ...callerSettings(caller), ...planning[planned] };
    for (const [key, value] of Object.entries(settings)) await client.query('SELECT set_config($1, $2, true)', [key, value]);
    await client.query(`PREPARE probe AS ${text}`);
    const literals = values.map((value) => literal(value)).join(', ');
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE probe${literals === '' ? '' : `(${literals})`}`,
    );
    const plan = rows[0]!['QUERY PLAN'][0];
    const counted =
      plan.Plan['Node Type'] === 'Aggregate' ? Math.max(...(plan.Plan.Plans ?? []).map((input) => input['Actual Rows'] ?? 0)) : 0;
    const nodes = [...walk(plan.Plan)];
    const scanned = nodes.filter((node) => /Seq Scan/.test(node['Node Type']) && large.includes(node['Relation Name'] ?? ''));
    return {
      scanned: scanned.map((node) => node['Relation Name']),
      rows: plan.Plan['Actual Rows'] ?? 0,
      touched: Math.max(...nodes.map(touchedBy)),
      counted,
    };
  } finally {
    await client.query('ROLLBACK');
    await client.query('DEALLOCATE ALL');
  }
}

/** Rows that a step of a plan gave or looked at in vain. */
const touchedBy = (node: Node): number =>
  (node['Actual Loops'] ?? 1) *
  ((node['Actual Rows'] ?? 0) +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Join Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0));

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of node.Plans ?? []) yield* walk(child);
}

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value) && value.every((part) => typeof part === 'string'))
    return pg.escapeLiteral(`{${value.map((part) => JSON.stringify(part))}}`);
  if (Array.isArray(value)) return value.length === 0 ? `'{}'` : `ARRAY[${value.map(literal).join(', ')}]`;
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'::bytea`;
  return pg.escapeLiteral(String(value));
}

type Reader = StaffCaller & { units?: readonly string[] };
/** On the first of January every birthday of the year is still to come. */
const first = (order: ListOrder): ListPart => partsOf(order, [[101, 1231]])[0]!;
const list = (caller: Reader, order: ListOrder, criteria = {}, after?: { key: string; customerId: string }) =>
  listPartSql(caller, { impossible: false, ...criteria }, first(order), after, 51);
/** As the service reads where a filter is given: planned for the very units. */
const readers: [string, Reader][] = [
  ['bank', hq],
  ['branch', { ...branch, units: [org(3)] }],
  ['subtree of everything', { ...headOffice, units: Array.from({ length: 41 }, (_, n) => org(n)) }],
];
/** A sub-branch has 2,500 customers; nobody's list, however filtered and sorted, looks at many more rows than that at any step. */
const mostRows = 3_500;

describe('at 100,000 customers, under row-level security', () => {
  it.each([
    ['name beginning', hq, otherSearchSql('zhang', { exact: false, includeClosed: false }, undefined, 21)],
    [
      'name beginning, next page',
      hq,
      otherSearchSql('zhang', { exact: false, includeClosed: false }, ['zhangp1', customer(41)], 21),
    ],
    ['one character', hq, otherSearchSql('张', { exact: false, includeClosed: false }, undefined, 21)],
    ['whole name', hq, otherSearchSql('zhangp1', { exact: true, includeClosed: false }, undefined, 21)],
    ['name beginning in a branch', branch, otherSearchSql('zhang', { exact: false, includeClosed: false }, undefined, 21)],
    [
      'name beginning in a portfolio',
      rm,
      personalSearchSql({ names: ['z'], words: [] }, { onlyOwn: false, includeClosed: false }, undefined, 21),
    ],
    [
      'name beginning among the served',
      teller,
      personalSearchSql({ names: ['z', 'zz'], words: [] }, { onlyOwn: false, includeClosed: false }, undefined, 21),
    ],
    [
      'name beginning among the tickets',
      agent,
      personalSearchSql({ names: ['z', 'zz'], words: [] }, { onlyOwn: false, includeClosed: false }, undefined, 21),
    ],
    [
      'words in a portfolio',
      rm,
      personalSearchSql({ names: ['betaz'], words: ['beta', 'z'] }, { onlyOwn: false, includeClosed: false }, undefined, 21),
    ],
    [
      'complete numbers',
      hq,
      numberSearchSql(
        ['C0000012', 'c0000012'],
        {
          values: [Buffer.from('00112233445566778899aabbccddeeff', 'hex')],
          accounts: [Buffer.from('00112233445566778899aabbccddeeff', 'hex')],
        },
        false,
      ),
    ],
  ] as const)('search by %s reads by index, and few rows in vain', async (_, caller, statement) => {
    const { scanned, touched } = await explain(caller, statement);
    expect(scanned).toEqual([]);
    expect(touched).toBeLessThan(2_000);
  });

  const callers: [string, StaffCaller][] = [
    ['portfolio', rm],
    ['served', teller],
    ['tickets', agent],
    ['branch', branch],
    ['subtree of everything', headOffice],
    ['bank', hq],
  ];
  it.each([
    ...callers.flatMap(([of, caller]) => listOrders.map((order) => [`${of} by ${order}`, caller, list(caller, order)] as const)),
    ...listOrders.map((order) => [`one manager's by ${order}`, hq, list(hq, order, { rmStaffId: rm.staffId })] as const),
    ["one manager's below everything", headOffice, list(headOffice, 'full_name', { rmStaffId: rm.staffId })] as const,
    [
      'bank by assets, a late page',
      hq,
      list(hq, 'total_assets desc', {}, { key: '500000000', customerId: customer(500) }),
    ] as const,
  ])('list of %s reads by index, and few rows in vain', async (_, caller, statement) => {
    const { scanned, rows, touched } = await explain(caller, statement);
    expect(scanned).toEqual([]);
    expect(rows).toBeGreaterThan(0);
    expect(touched).toBeLessThan(mostRows);
  });

  const filters: [string, object][] = [
    ['assets', { totalAssets: { least: 900_000_000n } }],
    ['maturity', { nextMaturity: { least: '2026-11-23', most: '2026-12-31' } }],
    ['unit', { homeOrgUnitCode: 'B7' }],
    ['birthday', { birthdays: [[1123, 1130]] }],
    ['a segment of few', { segments: ['PRIVATE', 'private'] }],
    ['a segment of many', { segments: ['MASS', 'mass'] }],
    ['a segment of nobody', { segments: ['none'] }],
    ['the state of few', { state: 'DORMANT' }],
    ['the state of many', { state: 'ACTIVE' }],
    ['the kind of few', { kind: 'ORGANISATION' }],
    ['the kind of many', { kind: 'INDIVIDUAL' }],
  ];
  const filtered = readers.flatMap(([of, reader]) => filters.map(([by, criteria]) => [of, by, reader, criteria] as const));
  it.each(filtered)('list of %s filtered by %s reads by index, and few rows in vain', async (_of, _by, reader, criteria) => {
    const { scanned, touched } = await explain(reader, list(reader, 'total_assets desc', criteria), 'anew');
    expect(scanned).toEqual([]);
    expect(touched).toBeLessThan(mostRows);
  });

  it.each(filtered)('count of %s filtered by %s looks at little more than it counts', async (_of, _by, reader, criteria) => {
    const { scanned, touched, counted } = await explain(reader, countSql(reader, { impossible: false, ...criteria }), 'anew');
    expect(scanned).toEqual([]);
    expect(touched).toBeLessThan(Math.max(mostRows, 1.25 * counted));
  });

  it.each([
    ['bank by assets', hq, list(hq, 'total_assets desc')],
    ['bank by name', hq, list(hq, 'full_name')],
    ['search of a common beginning', hq, otherSearchSql('zhang', { exact: false, includeClosed: false }, undefined, 21)],
  ] as const)('%s touches rows in proportion to the page', async (_, caller, statement) => {
    const { touched } = await explain(caller, statement);
    expect(touched).toBeLessThan(500);
  });

  /** Statements inside functions are not explained; what they read of each index is counted. */
  describe.each([
    ['bank', hq],
    ['branch', branch],
    ['subtree of everything', headOffice],
  ])('search by words in a %s', (_, caller) => {
    const look = async (words: string[], after?: readonly string[]) => {
      const read = async (): Promise<number> => {
        const { rows } = await client.query<{ n: string }>(
          `SELECT sum(pg_stat_get_xact_tuples_returned(c.oid))::text AS n FROM pg_class AS c WHERE relnamespace = 'customer'::regnamespace`,
        );
        return Number(rows[0]!.n);
      };
      await client.query('BEGIN');
      try {
        const settings = { ...callerSettings(caller), ...planning.once };
        for (const [key, value] of Object.entries(settings)) await client.query('SELECT set_config($1, $2, true)', [key, value]);
        const before = await read();
        const { text, values } = wordSearchSql({ names: [words.join('')], words }, false, after, 21);
        const { rows } = await client.query(text, values);
        return { rows, touched: (await read()) - before };
      } finally {
        await client.query('ROLLBACK');
      }
    };
    /** A search counts each of its words up to 1,000 and looks at 1,000 names at most, which have seven tokens at most here. */
    const most = 1_000 * (2 + 2 * (1 + 7));

    it('is driven by the rarest word, whichever comes first', async () => {
      for (const words of [
        ['beta', 'gamma'],
        ['gamma', 'beta'],
      ]) {
        const { rows, touched } = await look(words);
        expect(rows.every(({ matched, token }) => matched && token === 'gammaray')).toBe(true);
        expect(rows.length).toBeGreaterThan(0);
        expect(touched).toBeLessThan(most);
      }
    });

    it('looks at few names that have one word only, and goes on from there', async () => {
      const seen: string[] = [];
      let after: string[] | undefined;
      for (let page = 0; page < 3; page += 1) {
        const { rows, touched } = await look(['alpha', 'beta'], after);
        expect(rows).toMatchObject([{ matched: false, token: 'alpha' }]);
        expect(touched).toBeLessThan(most);
        after = [String(rows[0]!.driver), rows[0]!.token, rows[0]!.customer_id];
        seen.push(rows[0]!.customer_id);
      }
      // Every third customer has the first word.
      expect(seen).toEqual([customer(3_000), customer(6_000), customer(9_000)]);
    });
  });

  /** Statements inside functions are not explained; how often each table was scanned is counted. */
  it('views, transactions and presented identifiers read by index', async () => {
    const scans = async (): Promise<Record<string, string>> => {
      const { rows } = await client.query<{ relname: string; n: string }>(
        `SELECT relname, coalesce(pg_stat_get_xact_numscans(relid), 0)::text AS n FROM pg_stat_user_tables WHERE schemaname = 'customer' AND relname = ANY ($1)`,
        [large],
      );
      return Object.fromEntries(rows.map((row) => [row.relname, row.n]));
    };
    await client.query('BEGIN');
    try {
      const settings = callerSettings(staffOf(2, { portfolio: true, served: true }));
      for (const [key, value] of Object.entries(settings)) await client.query('SELECT set_config($1, $2, true)', [key, value]);
      const before = await scans();
      const [keys, values] = [Object.keys(settings), Object.values(settings)];
      const act = ['70000000-0000-7000-8000-000000000001', new Date(), `staff/${values[0]}`, 'test', Buffer.from('x'), '{}'];
      const view = await client.query<{ transactions: unknown[]; timeline: unknown[] }>(
        'SELECT * FROM customer.view_360($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
        [keys, values, customer(1), '2026-11-23', 'CNY', true, true, [], ...act],
      );
      expect(view.rows[0]!.transactions).toHaveLength(20);
      expect(view.rows[0]!.timeline).toHaveLength(20);
      const { rows } = await client.query<{ page: unknown[] }>(
        `SELECT customer.view_transactions($1, $2, $3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 51,
           $4, $5, $6, $7, $8, $9) AS page`,
        [keys, values, customer(1), '70000000-0000-7000-8000-000000000002', ...act.slice(1)],
      );
      expect(rows[0]!.page).toHaveLength(51);
      for (const [id, after] of [
        ['70000000-0000-7000-8000-000000000003', [null, null, null]],
        ['70000000-0000-7000-8000-000000000004', ['2026-01-05', 1, customer(1)]],
      ] as const) {
        const { rows: timeline } = await client.query<{ page: unknown[] }>(
          `SELECT customer.view_timeline($1, $2, $3, true, '{}', NULL, NULL, NULL, NULL, $4, $5, $6, 51, $7, $8, $9, $10, $11, $12) AS page`,
          [keys, values, customer(1), ...after, id, ...act.slice(1)],
        );
        expect(timeline[0]!.page).toHaveLength(51);
      }
      await client.query('SELECT customer.find_presented($1, $2)', ['phone', [Buffer.from('00', 'hex')]]);
      expect(await scans()).toEqual(before);
    } finally {
      await client.query('ROLLBACK');
    }
  });
});

describe('looking for customers to place', () => {
  let worker: pg.Client;
  beforeAll(async () => {
    worker = new pg.Client({ connectionString: urls.worker });
    await worker.connect();
  });
  afterAll(() => worker?.end());

  /** Keys found, and rows touched by the busiest step. */
  const look = async (place: 'unit' | 'manager') => {
    const { rows } = await worker.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${awaitedSql(place)}`,
    );
    const { Plan } = rows[0]!['QUERY PLAN'][0];
    return { found: Plan['Actual Rows'], touched: Math.max(...[...walk(Plan)].map(touchedBy)) };
  };

  it.each(['unit', 'manager'] as const)('reads nothing while nobody waits for a %s', async (place) => {
    expect((await look(place)).touched).toBeLessThanOrEqual(1);
  });

  it.each(['unit', 'manager'] as const)('reads a row for each %s that tens of thousands wait for', async (place) => {
    await worker.query(
      `UPDATE customer.customer
       SET org_unit_id = NULL, home_org_unit_code = 'A' || right(primary_number, 1), rm_staff_id = NULL, rm_staff_number = right(primary_number, 1)
       WHERE customer_id <= $1`,
      [customer(50_000)],
    );
    const { found, touched } = await look(place);
    expect(found).toBe(10);
    expect(touched).toBeLessThan(20);
  });
});

describe('the keys of all placements', () => {
  let worker: pg.Client;
  beforeAll(async () => {
    worker = new pg.Client({ connectionString: urls.worker });
    await worker.connect();
    await worker.query(
      `INSERT INTO customer.queue_version (queue_id, sequence) SELECT ('60000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 1 FROM generate_series(1, 20000) AS n`,
    );
    // As autovacuum would have done by then.
    const owner = new pg.Client({ connectionString: urls.owner });
    await owner.connect();
    await owner.query('VACUUM ANALYZE customer.customer, customer.queue_version');
    await owner.end();
  });
  afterAll(() => worker?.end());

  const part = 10_000;

  it('are read part by part, each once, those of customers first', async () => {
    const read: string[] = [];
    for (let keys = ['']; keys.length > 0; ) {
      const { rows } = await worker.query<{ key: string }>(placements.keysAfter, [keys.at(-1), part]);
      keys = rows.map(({ key }) => key);
      read.push(...keys);
    }
    const all = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, n) => `${prefix}${customer(n + 1).slice(2)}`);
    expect(read).toEqual([...all('20', 100_000), ...all('queues/60', 20_000)]);
  });

  it.each([
    ['at the start', ''],
    ['among the customers', customer(50_000)],
    ['at the last customers', customer(95_000)],
    ['among the queues', `queues/${customer(5_000).replace('2', '6')}`],
  ])('are read by primary key %s, a part of each at most', async (_, after) => {
    const { rows } = await worker.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${placements.keysAfter}`,
      [after, part],
    );
    const nodes = [...walk(rows[0]!['QUERY PLAN'][0].Plan)];
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    for (const node of nodes) if (node['Relation Name'] !== undefined) expect(touchedBy(node)).toBeLessThanOrEqual(part);
    expect(Math.max(...nodes.map(touchedBy))).toBeLessThanOrEqual(2 * part);
  });
});

describe('comparing a range with control totals', () => {
  let worker: pg.Client;
  beforeAll(async () => {
    worker = new pg.Client({ connectionString: urls.worker });
    await worker.connect();
    await worker.query(
      `INSERT INTO customer.party_snapshot (party_id, version, source_time, receive_time, content_hash, content_sealed)
       SELECT party_id, 1, now(), now(), '', '' FROM customer.party`,
    );
  });
  afterAll(() => worker?.end());

  const account = ['A1000', 'A1025'] as const;
  it.each([
    ['corebanking.customers.v1', ['C0010000', 'C0012500'], 2_500],
    // A101, A102, and all of four to six digits that begin with 1000 to 1024.
    ['corebanking.accounts.v1', account, 2_777],
    ['corebanking.transactions.v1', account, 2_777],
  ] as const)('of %s reads its rows by index, and no others', async (topic, [from_source_id, to_source_id], keys) => {
    const range = { source_system: 'core', topic, from_source_id, to_source_id, from_post_time: null, cut_time: new Date() };
    const { text, values } = storedSql(range);
    const { rows } = await worker.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
    const nodes = [...walk(rows[0]!['QUERY PLAN'][0].Plan)];
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    expect(Math.max(...nodes.map(touchedBy))).toBe(keys);
  });
});
