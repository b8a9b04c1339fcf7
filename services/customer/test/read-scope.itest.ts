import { callerSettings, customerScopeSql } from '@bankcrm/access';
import { inTransaction } from '@bankcrm/database';
import { CustomersService, InteractionsService, PresentedKind } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countCustomers, listPartSql, partsOf } from '../src/adapters/postgres/customer-lists.ts';
import { numberSearchSql, otherSearchSql, personalSearchSql } from '../src/adapters/postgres/customer-search.ts';
import { scopeOf } from '../src/adapters/postgres/visible-customer.ts';
import { accountId, fillBank, secrets, who } from './read-bank.ts';
import { openReads, type ReadBench, type StaffName, staff, staffIdOf } from './read-support.ts';

type Who = keyof typeof who;

const wholeBank: Who[] = ['zhang', 'shan', 'zeng', 'org', 'closed', 'pool', 'leap', 'rare', 'served', 'mentioned'];
/** Whom each member of staff sees; nobody but a participant sees the restricted one. */
const seen: Partial<Record<StaffName, Who[]>> = {
  rm: ['zhang', 'shan', 'restricted', 'closed', 'rare'],
  otherRm: ['zeng', 'org', 'leap', 'shan'],
  teller: ['served'],
  otherTeller: [],
  agent: [],
  branchManager: ['zhang', 'shan', 'closed'],
  cityManager: ['zhang', 'shan', 'closed', 'pool'],
  hqManager: wholeBank,
  risk: wholeBank,
  compliance: wholeBank,
  steward: wholeBank,
  admin: wholeBank,
};
const roles = Object.entries(seen) as [StaffName, Who[]][];
const everybody = Object.keys(who) as Who[];
const unlisted: Who[] = ['closed', 'mentioned'];

/** Which rows of each table somebody sees: those of the customers in sight, the own ones, and all of what is nobody's. SQL literals. */
function rowsOf(customers: string, me: string): Record<string, string> {
  const byCustomer = `customer_id = ANY (${customers})`;
  const byParty = `party_id IN (SELECT party_id FROM customer.party WHERE ${byCustomer})`;
  const byAccount = `account_id IN (SELECT account_id FROM customer.holder WHERE ${byParty})`;
  const own = `staff_id = ${me}`;
  return {
    account: byAccount,
    collaborator: own,
    customer: byCustomer,
    customer_summary: byCustomer,
    history: byCustomer,
    holder: byParty,
    identifying_value: `${byParty} OR ${byCustomer}`,
    interaction: byCustomer,
    name_token: byCustomer,
    org_unit: 'true',
    org_unit_closure: 'true',
    panel: byCustomer,
    participant: own,
    party: byCustomer,
    party_snapshot: byParty,
    rate: 'true',
    service_access: own,
    supplement: byCustomer,
    sync_state: 'true',
    transaction: byAccount,
    use_count: own,
  };
}

let bench: ReadBench;
const ids = {} as Record<Who, string>;
let byId: Map<string, Who>;

beforeAll(async () => {
  bench = await openReads();
  await fillBank(bench);
  for (const name of everybody) ids[name] = await bench.customerOf(who[name]);
  byId = new Map(everybody.map((name) => [ids[name], name]));
  // Something of everybody in every table that core banking does not fill.
  for (const id of Object.values(ids))
    for (const insert of [
      `INSERT INTO customer.interaction (interaction_id, customer_id, kind, direction, summary, occur_time, staff_id) VALUES (gen_random_uuid(), $1, 'call', 'inbound', 'x', now(), $1)`,
      `INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, 'family', 'x', $1, now())`,
      `INSERT INTO customer.panel (customer_id, panel, sequence, content) VALUES ($1, 'p', 1, '')`,
      `INSERT INTO customer.history (entry_id, customer_id, event_time, actor, operation, decision) VALUES (gen_random_uuid(), $1, now(), 'x', 'x', 'ALLOWED')`,
      `INSERT INTO customer.identifying_value (value_id, customer_id, category, kind, masked, sealed, index_version) VALUES (gen_random_uuid(), $1, 'address', 'home', 'x', '', 1)`,
    ])
      await bench.workers.query(insert, [id]);
});
afterAll(() => bench?.closeAll());

const named = (names: Iterable<string>): Who[] => [...names].map((name) => byId.get(name.replace('customers/', ''))!).sort();
const sorted = (names: readonly Who[]): Who[] => [...names].sort();
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'OK',
    (error: { kind: string }) => error.kind,
  );
const settingsOf = (name: StaffName) => callerSettings(bench.directory.callerOf(staff[name], new Date()));
const asRequest = <T extends pg.QueryResultRow>(name: StaffName, text: string, values: unknown[] = []) =>
  inTransaction(bench.requests, settingsOf(name), async (tx) => (await tx.query<T>(text, values)).rows);

describe.each(roles)('scope of %s', (name, expected) => {
  it('is the same for get, 360, transactions, interactions, history, list, count, search and holders', async () => {
    const can = bench.directory.callerOf(staff[name], new Date()).permissions;
    for (const customer of everybody) {
      const resource = `customers/${ids[customer]}`;
      const want = expected.includes(customer) ? 'OK' : 'NOT_FOUND';
      expect(await outcome(bench.as(name, CustomersService.getCustomer, { name: resource }))).toBe(want);
      expect(await outcome(bench.as(name, CustomersService.viewCustomer360, { name: resource }))).toBe(want);
      const page = { parent: resource, pageSize: 1, pageToken: '' };
      if (can.has('customer.transactions.list'))
        expect(await outcome(bench.as(name, CustomersService.listTransactions, { ...page, filter: '' }))).toBe(want);
      if (can.has('customer.interactions.list'))
        expect(await outcome(bench.as(name, InteractionsService.listInteractions, page))).toBe(want);
      if (can.has('customer.history.list')) expect(await outcome(bench.as(name, CustomersService.listHistory, page))).toBe(want);
      const holders = await outcome(
        bench.as(name, CustomersService.listHolders, { parent: `${resource}/holdings/${accountId('A5')}` }),
      );
      expect(holders).toBe(want === 'OK' && ['zhang', 'shan', 'restricted', 'mentioned'].includes(customer) ? 'OK' : 'NOT_FOUND');
    }

    const listed = sorted(expected.filter((customer) => !unlisted.includes(customer)));
    const orders = ['full_name', 'next_birthday', 'open_date desc'];
    if (can.has('customer.financials.get')) orders.push('total_assets desc', 'next_maturity_date');
    for (const orderBy of orders) {
      const { customers } = await bench.as(name, CustomersService.listCustomers, {
        pageSize: 200,
        pageToken: '',
        filter: '',
        orderBy,
      });
      expect(named(customers.map((customer) => customer.name))).toEqual(listed);
    }
    const people = await bench.as(name, CustomersService.listCustomers, {
      pageSize: 200,
      pageToken: '',
      filter: 'kind = "INDIVIDUAL"',
      orderBy: 'full_name',
    });
    expect(named(people.customers.map((customer) => customer.name))).toEqual(listed.filter((customer) => customer !== 'org'));
    expect((await bench.as(name, CustomersService.countCustomers, { filter: '' })).count).toBe(BigInt(listed.length));

    const search = async (query: string) =>
      (await bench.as(name, CustomersService.searchCustomers, { query, pageSize: 50, pageToken: '', includeClosed: true }))
        .customers;
    for (const customer of everybody.filter((customer) => customer !== 'mentioned'))
      expect(named((await search(who[customer])).map((found) => found.name))).toEqual(
        expected.includes(customer) ? [customer] : [],
      );
    for (const [query, customer] of [
      ['王石', 'restricted'],
      ['wangshi', 'restricted'],
      [secrets.restrictedId, 'restricted'],
      [secrets.restrictedMobile, 'restricted'],
      [secrets.restrictedAccount, 'restricted'],
      [secrets.zhangId, 'zhang'],
      [secrets.shanMobile, 'shan'],
      ['单雄信', 'shan'],
      ['星河', 'org'],
    ] as const)
      expect(named((await search(query)).map((found) => found.name))).toEqual(expected.includes(customer) ? [customer] : []);
  });

  it('is what row-level security alone leaves of every table: no row more and no row less than the worker says', async () => {
    const customers = `ARRAY[${expected.map((customer) => `'${ids[customer]}'`)}]::uuid[]`;
    for (const [table, belongs] of Object.entries(rowsOf(customers, `'${staffIdOf(name)}'`))) {
      const { rows } = await bench.workers.query(`SELECT row::text FROM customer.${table} AS row WHERE ${belongs} ORDER BY 1`);
      const visible = await asRequest(name, `SELECT row::text FROM customer.${table} AS row ORDER BY 1`);
      expect([table, visible]).toEqual([table, rows]);
    }
  });

  it('holds when either of the two walls is taken away', async () => {
    const { scope } = bench.directory.callerOf(staff[name], new Date());
    const listed = sorted(expected.filter((customer) => !unlisted.includes(customer)));
    const statements = [
      ...partsOf('total_assets desc', []).map((part) => listPartSql({ scope }, { impossible: false }, part, undefined, 200)),
      // As for somebody whose scope names no index to begin at.
      ...partsOf('full_name', []).map((part) =>
        listPartSql({ scope: { ...scope, bank: true } }, { impossible: false }, part, undefined, 200),
      ),
    ];
    for (const { text, values } of statements) {
      const scopeless = text.replaceAll(scopeOf('c'), 'true');
      expect(scopeless).not.toBe(text);
      const byPolicy = await asRequest<{ customer_id: string }>(name, scopeless, values);
      expect(named(byPolicy.map((row) => row.customer_id))).toEqual(listed);
      // The worker's policies let everything through: only the statement's own predicate is left.
      const byPredicate = await inTransaction(
        bench.workers,
        settingsOf(name),
        async (tx) => (await tx.query<{ customer_id: string }>(text, values)).rows,
      );
      expect(named(byPredicate.map((row) => row.customer_id))).toEqual(listed);
    }
    const searches = [
      numberSearchSql(Object.values(who), { values: [], accounts: [] }, true),
      ...['z', 'wang', '王', 'c', 's'].flatMap((text) => [
        personalSearchSql([text], { onlyOwn: false, includeClosed: true }, undefined, 100),
        otherSearchSql(text, { exact: false, includeClosed: true }, undefined, 100),
      ]),
    ];
    for (const { text, values } of searches) {
      const full = new Set((await asRequest<{ customer_id: string }>(name, text, values)).map((row) => row.customer_id));
      const byPolicy = await asRequest<{ customer_id: string }>(name, text.replaceAll(scopeOf('c'), 'true'), values);
      expect(named(new Set(byPolicy.map((row) => row.customer_id)))).toEqual(named(full));
      const byPredicate = await inTransaction(
        bench.workers,
        settingsOf(name),
        async (tx) => (await tx.query<{ customer_id: string }>(text, values)).rows,
      );
      expect(named(new Set(byPredicate.map((row) => row.customer_id)))).toEqual(named(full));
      for (const id of full) expect(expected).toContain(byId.get(id));
    }
    const predicateOnly = await inTransaction(bench.workers, settingsOf(name), (tx) =>
      countCustomers(tx, { scope }, { impossible: false }),
    );
    expect(predicateOnly).toBe(BigInt(listed.length));
  });
});

it('is empty for roles that read no customers', async () => {
  for (const name of ['marketer', 'operator'] as const) {
    expect(
      await outcome(bench.as(name, CustomersService.listCustomers, { pageSize: 0, pageToken: '', filter: '', orderBy: '' })),
    ).toBe('DENIED');
    expect(await asRequest(name, 'SELECT FROM customer.customer')).toEqual([]);
  }
});

it('is known of every table that a request may read, none of them empty here', async () => {
  const { rows } = await bench.workers.query<{ relname: string }>(
    `SELECT relname FROM pg_class
     WHERE relnamespace = 'customer'::regnamespace AND relkind = 'r' AND has_table_privilege('customer_request', oid, 'SELECT') ORDER BY relname`,
  );
  expect(rows.map(({ relname }) => relname)).toEqual(Object.keys(rowsOf('', '')));
  for (const { relname } of rows)
    expect([relname, (await bench.workers.query(`SELECT FROM customer.${relname} LIMIT 1`)).rowCount]).toEqual([relname, 1]);
});

describe('a connection that says nobody', () => {
  it('sees no row of any table, before and after somebody has used it', async () => {
    const { rows: tables } = await bench.workers.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE (schemaname = 'customer' OR (schemaname, tablename) IN (('requests', 'request'), ('events', 'dead_letter')))
         AND has_table_privilege('customer_request', format('%I.%I', schemaname, tablename), 'SELECT')`,
    );
    expect(tables.length).toBeGreaterThan(20);
    const client = new pg.Client({ connectionString: bench.urls.request });
    await client.connect();
    try {
      const rowsSeen = async () => {
        const counts: string[] = [];
        for (const { name } of tables) {
          const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${name}`);
          if (rows[0]!.n !== '0') counts.push(`${name} ${rows[0]!.n}`);
        }
        return counts;
      };
      expect(await rowsSeen()).toEqual([]);
      await client.query('BEGIN');
      for (const [key, value] of Object.entries(settingsOf('hqManager')))
        await client.query('SELECT set_config($1, $2, true)', [key, value]);
      expect((await rowsSeen()).length).toBeGreaterThan(5);
      await client.query('COMMIT');
      // A transaction-local setting leaves an empty one behind.
      expect((await client.query<{ v: string }>(`SELECT current_setting('bankcrm.bank', true) AS v`)).rows[0]!.v).toBe('');
      expect(await rowsSeen()).toEqual([]);
    } finally {
      await client.end();
    }
  });

  it('opens nobody through the functions that look past the scope', async () => {
    const client = new pg.Client({ connectionString: bench.urls.request });
    await client.connect();
    try {
      const index = bench.readDeps.index.candidates('id-number', secrets.zhangId);
      expect((await client.query('SELECT customer.find_presented($1, $2)', ['id-number', index])).rows).toEqual([]);
      expect((await client.query('SELECT * FROM customer.wall_of($1)', [ids.restricted])).rows).toEqual([]);
      expect((await client.query('SELECT * FROM customer.participants_of($1)', [ids.restricted])).rows).toEqual([]);
      expect(
        (await client.query('SELECT customer.remove_participant($1, $2) AS done', [ids.restricted, ids.zhang])).rows,
      ).toEqual([{ done: false }]);
    } finally {
      await client.end();
    }
  });
});

it('lets the function behind the counter answer for served callers only, and for no restricted customer', async () => {
  const find = async (name: StaffName, value: string) => {
    const index = bench.readDeps.index.candidates('id-number', value);
    const rows = await asRequest<{ id: string }>(name, 'SELECT customer.find_presented($1, $2) AS id', ['id-number', index]);
    return rows.map(({ id }) => byId.get(id));
  };
  expect(await find('teller', secrets.zhangId)).toEqual(['zhang']);
  expect(await find('hqManager', secrets.zhangId)).toEqual([]);
  expect(await find('rm', secrets.zhangId)).toEqual([]);
  expect(await find('teller', secrets.restrictedId)).toEqual([]);
});

it('lets nobody at the counter open a restricted customer', async () => {
  for (const [kind, value] of [
    [PresentedKind.ID_NUMBER, secrets.restrictedId],
    [PresentedKind.PHONE, secrets.restrictedMobile],
    [PresentedKind.ACCOUNT_NUMBER, secrets.restrictedAccount],
  ] as const) {
    const opened = bench.as('teller', CustomersService.startService, {
      kind,
      value,
      channel: 'counter',
      note: '',
      requestId: '',
    });
    expect(await outcome(opened)).toBe('NOT_FOUND');
  }
});

describe('a request that would widen what somebody sees', () => {
  const sqlState = (name: StaffName, text: string, values: unknown[] = []): Promise<string> =>
    asRequest(name, text, values).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );

  it('writes only the tables that acts of people change', async () => {
    const { rows } = await bench.workers.query<{ granted: string }>(
      `SELECT format('%s %s', relname, string_agg(privilege, ' ' ORDER BY privilege)) AS granted
       FROM pg_class, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
       WHERE relnamespace = 'customer'::regnamespace AND relkind = 'r' AND has_table_privilege('customer_request', pg_class.oid, privilege)
       GROUP BY relname ORDER BY relname`,
    );
    expect(rows.map(({ granted }) => granted)).toEqual([
      'customer UPDATE',
      'history INSERT',
      'identifying_value DELETE INSERT UPDATE',
      'interaction INSERT UPDATE',
      'name_token DELETE INSERT UPDATE',
      'supplement DELETE INSERT UPDATE',
      'sync_state INSERT UPDATE',
      'use_count INSERT UPDATE',
    ]);
  });

  it.each(['rm', 'otherRm', 'teller', 'branchManager', 'hqManager', 'compliance', 'admin'] as const)(
    'is refused by the database to %s: own rows in the walls, a move of the customer, a row for a customer out of sight',
    async (name) => {
      const me = staffIdOf(name);
      const hidden = everybody.find((customer) => !seen[name]!.includes(customer))!;
      for (const [text, ...values] of [
        [
          'INSERT INTO customer.participant (customer_id, staff_id, reason, source) VALUES ($1, $2, $3, $3)',
          ids[hidden],
          me,
          'manual',
        ],
        ['UPDATE customer.participant SET customer_id = $1, expire_time = NULL', ids[hidden]],
        ['DELETE FROM customer.participant'],
        ['INSERT INTO customer.service_access (customer_id, staff_id, served_time) VALUES ($1, $2, now())', ids[hidden], me],
        ['UPDATE customer.service_access SET customer_id = $1, served_time = now()', ids[hidden]],
        ['INSERT INTO customer.collaborator (customer_id, staff_id) VALUES ($1, $2)', ids[hidden], me],
        ['INSERT INTO customer.org_unit_closure (ancestor_id, descendant_id) VALUES ($1, $1)', me],
        ['UPDATE customer.party SET customer_id = $1', ids[hidden]],
        ['UPDATE customer.holder SET party_id = $1', me],
        [
          'INSERT INTO customer.interaction (interaction_id, customer_id, kind, direction, summary, occur_time, staff_id) VALUES ($1, $2, $3, $3, $3, now(), $1)',
          me,
          ids[hidden],
          'x',
        ],
        ['INSERT INTO customer.name_token (token, customer_id, kind) VALUES ($1, $2, 1)', 'x', ids[hidden]],
        [
          'INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, $2, $2, $3, now())',
          ids[hidden],
          'x',
          me,
        ],
        ['SELECT FROM customer.data_key'],
      ] as const)
        expect([text, await sqlState(name, text, [...values])]).toEqual([text, '42501']);
      const [own] = seen[name]!;
      if (own === undefined) return;
      for (const change of [
        'restricted = NOT restricted',
        'rm_staff_id = gen_random_uuid()',
        'org_unit_id = gen_random_uuid()',
        'customer_id = gen_random_uuid()',
        `field_sources = field_sources || '{"restricted": {"source": "manual"}}'`,
      ]) {
        const text = `UPDATE customer.customer SET ${change} WHERE customer_id = $1`;
        expect([text, await sqlState(name, text, [ids[own]])]).toEqual([text, '42501']);
      }
      const wall = `INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, 'restricted', 'false', $2, now())`;
      expect(await sqlState(name, wall, [ids[own], me])).toBe('42501');
    },
  );

  it('neither takes a wall down nor lets the caller through it by the functions of those who keep walls', async () => {
    await bench.workers.query(`UPDATE customer.customer SET restricted = true WHERE customer_id = $1`, [ids.pool]);
    const { rows } = await bench.workers.query<{ version: bigint }>(
      'SELECT version FROM customer.customer WHERE customer_id = $1',
      [ids.pool],
    );
    const [lifted] = await asRequest(
      'compliance',
      `SELECT customer.set_wall($1, $2, false, 'x', now(), now()::text) AS version`,
      [ids.pool, rows[0]!.version],
    );
    const [named] = await asRequest('compliance', `SELECT customer.add_participant($1, $2, 'x', NULL, now()) AS added`, [
      ids.pool,
      staffIdOf('compliance'),
    ]);
    expect([lifted, named]).toEqual([{ version: null }, { added: false }]);
    expect(await asRequest('compliance', 'SELECT FROM customer.customer WHERE customer_id = $1', [ids.pool])).toEqual([]);
    await bench.workers.query(`UPDATE customer.customer SET restricted = false WHERE customer_id = $1`, [ids.pool]);
  });

  it('leaves standing what keeps a wall up', async () => {
    await bench.workers.query(
      `INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, 'restricted', 'true', $2, now())`,
      [ids.restricted, staffIdOf('compliance')],
    );
    await asRequest('rm', `UPDATE customer.supplement SET value = 'false' WHERE field = 'restricted'`);
    await asRequest('rm', `DELETE FROM customer.supplement WHERE field = 'restricted'`);
    const { rows } = await bench.workers.query(`DELETE FROM customer.supplement WHERE field = 'restricted' RETURNING value`);
    expect(rows).toEqual([{ value: 'true' }]);
  });

  it('opens at the counter the customer whose identifier was presented, and no other', async () => {
    const index = bench.readDeps.index.candidates('id-number', secrets.zhangId);
    const open = async (name: StaffName, customer: Who) =>
      (
        await asRequest<{ done: boolean }>(name, 'SELECT customer.open_presented($1, $2, $3) AS done', [
          'id-number',
          index,
          ids[customer],
        ])
      )[0]!.done;
    expect([await open('otherTeller', 'shan'), await open('rm', 'zhang'), await open('otherTeller', 'restricted')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await open('otherTeller', 'zhang')).toBe(true);
    expect(await asRequest('otherTeller', 'SELECT customer_id FROM customer.customer')).toEqual([{ customer_id: ids.zhang }]);
    await bench.workers.query('DELETE FROM customer.service_access WHERE customer_id = $1', [ids.zhang]);
  });
});

describe('one definition of scope', () => {
  it('stands in the policy as customerScopeSql() writes it', async () => {
    const client = new pg.Client({ connectionString: bench.urls.owner });
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query(
        `CREATE POLICY wanted ON customer.customer TO customer_request USING (${customerScopeSql({ customer: 'customer', schema: 'customer' })})`,
      );
      const { rows } = await client.query<{ polname: string; text: string }>(
        `SELECT polname, pg_get_expr(polqual, polrelid) AS text FROM pg_policy
         WHERE polrelid = 'customer.customer'::regclass AND polname IN ('wanted', 'request_scope')`,
      );
      const text = Object.fromEntries(rows.map((row) => [row.polname, row.text]));
      expect(text.request_scope).toBeTruthy();
      expect(text.request_scope).toBe(text.wanted);
    } finally {
      await client.query('ROLLBACK');
      await client.end();
    }
  });

  it('stands in the function that manages walls, without what it says of walls', async () => {
    const { rows } = await bench.workers.query<{ source: string }>(
      `SELECT prosrc AS source FROM pg_proc WHERE oid = 'customer.wall_of'::regproc`,
    );
    const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
    const [, unrestricted] = /ELSE ([\s\S]*)\bEND$/.exec(customerScopeSql({ customer: 'customer', schema: 'customer' }))!;
    expect(plain(rows[0]!.source)).toContain(`AND ( ${plain(unrestricted!)})`);
  });

  it('stands in the function that shows one customer, and holds there with the policies taken away', async () => {
    const { rows } = await bench.workers.query<{ source: string }>(
      `SELECT prosrc AS source FROM pg_proc WHERE oid = 'customer.in_sight'::regproc`,
    );
    const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
    expect(plain(rows[0]!.source)).toContain(plain(customerScopeSql({ customer: 'c', schema: 'customer' })));
    const client = new pg.Client({ connectionString: bench.urls.owner });
    await client.connect();
    try {
      await client.query('BEGIN');
      const { rows: tables } = await client.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relnamespace = 'customer'::regnamespace AND relkind = 'r'`,
      );
      for (const { name } of tables)
        await client.query(`CREATE POLICY everything ON customer.${name} TO CURRENT_USER USING (true)`);
      for (const [name, expected] of roles) {
        for (const [key, value] of Object.entries(settingsOf(name)))
          await client.query('SELECT set_config($1, $2, true)', [key, value]);
        const { rows: shown } = await client.query<{ customer_id: string }>(
          'SELECT customer_id FROM customer.customer WHERE customer.profile_of(customer_id) IS NOT NULL',
        );
        expect([name, named(shown.map((row) => row.customer_id))]).toEqual([name, sorted(expected)]);
      }
    } finally {
      await client.query('ROLLBACK');
      await client.end();
    }
  });

  it('is enforced on the owner of the tables, too', async () => {
    const { rows } = await bench.workers.query<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relnamespace = 'customer'::regnamespace AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
  });
});
