import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Condition } from '../src/domain/criteria.ts';
import type { Reader } from '../src/domain/reader.ts';
import { planOf, type Search, searchPlanning } from '../src/store/search.ts';
import { type LogBench, openLog } from './support/log.ts';

const staff = (n: number) => `staff/30000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const idOf = (name: string) => name.slice('staff/'.length);
const reads = (actors: readonly string[], everything: boolean): Reader => ({
  settings: {
    'bankcrm.staff_id': idOf(actors[0]!),
    'bankcrm.bank': everything ? 'true' : '',
    'bankcrm.people': everything ? '' : `{${actors.join(',')}}`,
  },
  everything,
  actors,
  customers: { 'bankcrm.bank': 'on' },
});
const admin = reads([staff(0)], true);
/** Of some forty thousand entries. */
const manager = reads(
  Array.from({ length: 60 }, (_, n) => staff(n * 4)),
  false,
);
/** Of people who do hardly anything. */
const quietManager = reads([staff(397), staff(398), staff(399)], false);

const is = (column: Condition['column'], value: Condition['value'], operator: Condition['operator'] = '='): Condition => ({
  column,
  operator,
  value,
});
const customer = is('customer_id', '20000000-0000-7000-8000-000000000077');
const rareOperation = is('operation', 'Customers/LiftRestriction');
const view = is('operation', 'Customers/ViewCustomer360');
const system = is('actor', 'services/customer');
const week = [is('event_time', new Date('2026-02-01T00:00:00Z'), '>='), is('event_time', new Date('2026-02-08T00:00:00Z'), '<')];
const deep = { eventTime: new Date('2026-01-20T00:00:00Z'), entryId: '40000000-0000-7000-8000-000000054720' };

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Node[];
}

describe('a search in a large log', () => {
  let log: LogBench;
  let client: pg.Client;
  beforeAll(async () => {
    log = await openLog();
    await log.workers.query(readFileSync(new URL('support/large-log.sql', import.meta.url), 'utf8'));
    const owner = new pg.Client({ connectionString: log.urls.owner });
    await owner.connect();
    await owner.query('VACUUM ANALYZE audit.entry');
    await owner.end();
    client = new pg.Client({ connectionString: log.urls.request });
    await client.connect();
  }, 180_000);
  afterAll(async () => {
    await client?.end();
    await log?.close();
  });

  /** Which way the log was read, and how many of its rows the busiest step looked at. */
  async function explain(reader: Reader, conditions: readonly Condition[], more: Pick<Search, 'after'> = {}) {
    await client.query('BEGIN');
    try {
      for (const [key, value] of Object.entries({ ...reader.settings, ...searchPlanning }))
        await client.query('SELECT set_config($1, $2, true)', [key, value]);
      const { text, values } = await planOf(client, { reader, conditions, limit: 51, ...more });
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
      const nodes = [...walk(rows[0]!['QUERY PLAN'][0].Plan)].filter((node) => node['Relation Name'] === 'entry');
      return { kinds: nodes.map((node) => node['Node Type']), touched: Math.max(...nodes.map(touchedBy)) };
    } finally {
      await client.query('ROLLBACK');
    }
  }

  it.each<[string, Reader, readonly Condition[], number]>([
    ['the whole log', admin, [], 100],
    ['a customer', admin, [customer], 100],
    ['a customer × an operation that never was', admin, [customer, rareOperation], 100],
    ['a busy person', admin, [is('actor', staff(0))], 2_000],
    ['a rare operation', admin, [rareOperation], 100],
    ['refusals', admin, [is('decision', 2)], 100],
    ['a rare reason', admin, [is('reason', 'RARE_REASON')], 100],
    ['a rare reason × another operation', admin, [is('reason', 'RARE_REASON'), rareOperation], 100],
    ['high privilege', admin, [is('high_privilege', true)], 100],
    ['identifying fields', admin, [is('identifying', true)], 100],
    ['a week in the middle', admin, week, 100],
    ['a week in the middle of a busy person', admin, [is('actor', staff(0)), ...week], 2_000],
    ['a system × an operation of staff', admin, [system, view], 4_100],
    ['a busy person × a rare operation', admin, [is('actor', staff(0)), rareOperation], 100],
    ['refused × high privilege', admin, [is('decision', 2), is('high_privilege', true)], 100],
    ['the people of a branch', manager, [], 1_000],
    ['the people of a branch, a week in the middle', manager, week, 1_000],
    ['the people of a branch, high privilege', manager, [is('high_privilege', true)], 2_100],
    ['the people of a branch, a rare operation', manager, [rareOperation], 100],
    ['the people of a branch, a rare reason', manager, [is('reason', 'RARE_REASON')], 100],
    ['people who do hardly anything', quietManager, [], 1_000],
    ['people who do hardly anything, a frequent operation', quietManager, [view], 2_000],
    ['people who do hardly anything, high privilege', quietManager, [is('high_privilege', true)], 2_100],
  ])('reads few entries for %s, and never all of the log', async (_, reader, conditions, most) => {
    const { kinds, touched } = await explain(reader, conditions);
    expect(kinds).not.toContain('Seq Scan');
    expect(touched).toBeLessThanOrEqual(most);
  });

  it('reads no more for a page deep in the list', async () => {
    for (const [reader, conditions, most] of [
      [admin, [], 100],
      [admin, [is('actor', staff(0))], 2_000],
      [manager, [], 1_000],
    ] as const) {
      const { kinds, touched } = await explain(reader, conditions, { after: deep });
      expect(kinds).not.toContain('Seq Scan');
      expect(touched).toBeLessThanOrEqual(most);
    }
  });
});

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of node.Plans ?? []) yield* walk(child);
}

const touchedBy = (node: Node): number =>
  (node['Actual Loops'] ?? 1) *
  ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0));
