import { inTransaction, migrateSchema, nobody, openPool } from '@bankcrm/database';
import type { RawMessage, Rejected } from '@bankcrm/events';
import { suiteDatabase } from '@bankcrm/testing';
import type pg from 'pg';
import { apply } from '../../src/apply.ts';
import { customerScopeSql } from '../../src/customer-scope.ts';
import { customerPolicySql, customersInSight } from '../../src/customers-in-sight.ts';
import { decode } from '../../src/decode.ts';
import { scopeSchema } from '../../src/migrate-scope.ts';
import { type Bank, customerId, personId, type Role, type Sent, unitId } from './bank.ts';

export const rawOf = ({ topic, type, key, value }: Sent, partition = 0): RawMessage => ({
  topic,
  partition,
  offset: 0n,
  time: new Date(0),
  key: Buffer.from(key),
  value,
  headers: {
    ce_id: Buffer.from('1'),
    ce_source: Buffer.from('/bankcrm/customer'),
    ce_type: Buffer.from(type),
    'content-type': Buffer.from('application/protobuf'),
  },
});

/** What a person's call through `customer.customers.get` sets, as callerSettings of libs/access does: by the posts that may get customers. */
export function settingsOf({ people }: Bank, person: number): Record<string, string> {
  const posts = people[person]!.posts.filter(({ role }) => !['marketer', 'operator'].includes(role));
  if (posts.length === 0) return nobody;
  const holds = (...wanted: Role[]): string => (posts.some(({ role }) => wanted.includes(role)) ? 'on' : '');
  const managed = posts.filter(({ role }) => role === 'branch-manager').map(({ unit }) => unitId(unit));
  return {
    'bankcrm.staff_id': personId(person),
    'bankcrm.bank': holds('hq-manager', 'risk-officer', 'compliance', 'data-steward', 'admin'),
    'bankcrm.portfolio': holds('rm', 'senior-rm'),
    'bankcrm.org_units': managed.length > 0 ? `{${managed}}` : '',
    'bankcrm.served': holds('teller', 'service-agent'),
    'bankcrm.tickets': holds('service-agent'),
    'bankcrm.grants': 'on',
  };
}

/** Of request and worker role. */
interface Pools {
  requests: pg.Pool;
  workers: pg.Pool;
}

/** The customers that each wall lets through: both, row-level security alone, the query's predicate alone. */
async function throughWalls(
  { requests, workers }: Pools,
  settings: Record<string, string>,
  sql: { all: string; shown: string },
): Promise<Record<'both' | 'policy' | 'predicate', string[]>> {
  const ids = (pool: pg.Pool, text: string): Promise<string[]> =>
    inTransaction(pool, settings, async (tx) =>
      (await tx.query<{ customer_id: string }>(text)).rows.map(({ customer_id }) => customer_id).sort(),
    );
  const [both, policy, predicate] = await Promise.all([
    ids(requests, sql.shown),
    ids(requests, sql.all),
    ids(workers, sql.shown),
  ]);
  return { both, policy, predicate };
}

/** The customers of a schema, `scope` or that of the customer service, that each wall shows to a caller. */
export function customersSeen(pools: Pools, settings: Record<string, string>, schema: string) {
  const all = `SELECT customer_id FROM ${schema}.customer`;
  return throughWalls(pools, settings, { all, shown: `${all} WHERE ${customerScopeSql({ customer: 'customer', schema })}` });
}

/** A database with the projection, and beside it a table of a service's own that hangs on customers. */
export async function openProjection() {
  const urls = await suiteDatabase('customer');
  const users = { ownerUrl: urls.owner, requestRole: 'customer_request', workerRole: 'customer_worker' };
  await migrateSchema(users, scopeSchema);
  const [owner, requests, workers] = [urls.owner, urls.request, urls.worker].map((url) =>
    openPool({ url, name: 'test', maxConnections: 4, statementTimeoutMs: 20_000 }),
  ) as [ReturnType<typeof openPool>, ReturnType<typeof openPool>, ReturnType<typeof openPool>];
  await owner.query(`
    CREATE SCHEMA own;
    CREATE TABLE own.note (customer_id uuid NOT NULL);
    ALTER TABLE own.note ENABLE ROW LEVEL SECURITY;
    ALTER TABLE own.note FORCE ROW LEVEL SECURITY;
    CREATE POLICY worker ON own.note TO customer_worker USING (true) WITH CHECK (true);
    CREATE POLICY request_scope ON own.note TO customer_request USING (${customerPolicySql('note')});
    GRANT USAGE ON SCHEMA own TO customer_request, customer_worker;
    GRANT SELECT, INSERT ON own.note TO customer_worker;
    GRANT SELECT ON own.note TO customer_request`);
  const { rows: tables } = await owner.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'scope' ORDER BY 1`,
  );
  const names = tables.map(({ name }) => `scope.${name}`);
  return {
    urls,
    owner,
    requests,
    workers,
    tables: names,
    clear: () => owner.query(`TRUNCATE ${[...names, 'own.note'].join(', ')}`),
    /** Applies messages in their order, those of one topic that follow one another together. Gives what was rejected. */
    async deliver(messages: readonly Sent[]): Promise<string[]> {
      const letters: Rejected[] = [];
      for (let at = 0; at < messages.length; ) {
        const { topic } = messages[at]!;
        let end = at;
        while (end < messages.length && end - at < 7 && messages[end]!.topic === topic) end += 1;
        const results = messages.slice(at, end).map((message) => decode(rawOf(message)));
        const items = results.filter((result) => result.ok);
        items.sort((a, b) => Buffer.compare(a.raw.key!, b.raw.key!));
        const context = { topic, now: new Date(), replay: false };
        letters.push(...results.filter((result) => !result.ok));
        letters.push(...(await inTransaction(workers, nobody, (tx) => apply(tx, items, context))));
        at = end;
      }
      return letters.map(({ reason, field }) => `${reason} ${field}`.trim());
    },
    /** Something of the service's own that hangs on each customer. */
    hangOn: ({ customers }: Bank) =>
      workers.query('INSERT INTO own.note SELECT * FROM unnest($1::uuid[])', [customers.map((_, which) => customerId(which))]),
    seen: (settings: Record<string, string>) => customersSeen({ requests, workers }, settings, 'scope'),
    /** The customers of which a person sees what hangs on them. */
    seenToHang: (settings: Record<string, string>) =>
      throughWalls({ requests, workers }, settings, {
        all: 'SELECT note.customer_id FROM own.note',
        shown: `SELECT note.customer_id FROM own.note JOIN scope.customer AS seen ON seen.customer_id = scope.survivor_of(note.customer_id)
          WHERE ${customersInSight('seen')}`,
      }),
    /** All rows of all tables. */
    async state(): Promise<Record<string, string[]>> {
      const state: Record<string, string[]> = {};
      for (const table of names) {
        const { rows } = await workers.query<{ row: string }>(`SELECT each::text AS row FROM ${table} AS each ORDER BY 1`);
        state[table] = rows.map(({ row }) => row);
      }
      return state;
    },
    close: () => Promise.all([owner.end(), requests.end(), workers.end()]),
  };
}

export type Projection = Awaited<ReturnType<typeof openProjection>>;
