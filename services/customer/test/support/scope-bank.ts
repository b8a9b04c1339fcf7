import { permissionTable, StaffDirectory } from '@bankcrm/access';
import { inTransaction, nobody, openPool } from '@bankcrm/database';
import { deriveId, systemClock } from '@bankcrm/kernel';
import { CustomerScope, StaffState } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { applyOrgUnits } from '@bankcrm/scope';
import { type Bank, type Customer, customerId, personId, queueId, type Sent, unitId, unitOf } from '@bankcrm/scope/testing';
import type pg from 'pg';
import { placements } from '../../src/app/publishing/placements.ts';
import type { SyncBench } from './syncing.ts';

const tables = [
  ...['customer', 'participant', 'collaborator', 'service_access', 'access_grant', 'ticket_access'],
  ...['queue_version', 'queue_member', 'org_unit', 'org_unit_closure'],
];

export const staffNumberOf = (person: number): string => String(100_000 + person);

/** A bank in the customer service's own tables. */
export function openOwnBank({ urls, workers }: SyncBench) {
  const owner = openPool({ url: urls.owner, name: 'test', maxConnections: 1, statementTimeoutMs: 20_000 });
  /** By customer or queue and table, what was written last: who decides about one part writes that one, and nothing else would mark the customer. */
  const written = new Map<string, string>();
  const isNews = (id: string, table: string, rows: unknown): boolean => {
    const [place, text] = [`${id} ${table}`, JSON.stringify(rows)];
    if (written.get(place) === text) return false;
    written.set(place, text);
    return true;
  };
  return {
    async clear(): Promise<void> {
      written.clear();
      await owner.query(`TRUNCATE events.state_mark, ${tables.map((table) => `customer.${table}`).join(', ')}`);
    },

    /** Writes what is new, as those who decide about each part would. Times of the bank are from `now`, the same one until it is cleared. */
    write: (bank: Bank, now: Date): Promise<void> =>
      inTransaction(workers, nobody, async (tx) => {
        const replace = async (table: string, owner: readonly [column: string, id: string], rows: readonly object[]) => {
          const [column, id] = owner;
          if (!isNews(id, table, rows)) return;
          await tx.query(`DELETE FROM customer.${table} WHERE ${column} = $1`, [id]);
          for (const row of rows) {
            const [names, values] = [Object.keys(row), Object.values(row)];
            await tx.query(
              `INSERT INTO customer.${table} (${column}, ${names}) VALUES ($1, ${names.map((_, index) => `$${index + 2}`)})`,
              [id, ...values],
            );
          }
        };
        for (const [which, members] of bank.queues.entries()) {
          const id = queueId(which);
          if (isNews(id, 'queue_version', 1))
            await tx.query('INSERT INTO customer.queue_version (queue_id, sequence) VALUES ($1, 1)', [id]);
          await replace(
            'queue_member',
            ['queue_id', id],
            members.map((person) => ({ staff_id: personId(person) })),
          );
        }
        for (const [which, customer] of bank.customers.entries()) {
          const id = customerId(which);
          const place = placeOf(customer);
          if (isNews(id, 'customer', place))
            await tx.query(
              `INSERT INTO customer.customer (customer_id, kind, state, org_unit_id, rm_staff_id, dedicated_rm_staff_id, restricted)
               VALUES ($1, 'INDIVIDUAL', 'ACTIVE', $2, $3, $4, $5)
               ON CONFLICT (customer_id) DO UPDATE SET org_unit_id = excluded.org_unit_id, rm_staff_id = excluded.rm_staff_id,
                 dedicated_rm_staff_id = excluded.dedicated_rm_staff_id, restricted = excluded.restricted`,
              [id, ...place],
            );
          for (const [table, rows] of Object.entries(rowsOf(customer, which, now)))
            await replace(table, ['customer_id', id], rows);
        }
      }),

    /** The messages of what is marked, whose marks are then gone. */
    async takeMarked(sequence: bigint): Promise<Sent[]> {
      const { rows } = await workers.query<{ key: string }>(
        `WITH taken AS (DELETE FROM events.state_mark WHERE topic = 'placements' RETURNING key) SELECT DISTINCT key FROM taken`,
      );
      const keys = rows.map(({ key }) => key);
      const states = await inTransaction(workers, nobody, (tx) => placements.read(tx, keys, sequence));
      return states.map(({ type, key, payload }) => ({ topic: placements.topic, type, key, value: Buffer.from(payload) }));
    },

    close: () => owner.end(),
  };
}

const placeOf = ({ unit, rm, dedicated, restricted }: Customer) => {
  const idOrNull = (of: (which: number) => string, which: number | undefined) => (which === undefined ? null : of(which));
  return [idOrNull(unitId, unit), idOrNull(personId, rm), idOrNull(personId, dedicated), restricted];
};

/** The rows of a customer by table, without its id. */
function rowsOf(customer: Customer, which: number, now: Date): Record<string, object[]> {
  const at = (minutes: number | undefined) => (minutes === undefined ? null : new Date(now.getTime() + minutes * 60_000));
  const { participants, collaborators, served, grants, tickets } = customer;
  return {
    participant: participants.map(({ who, until }) => ({
      ...{ staff_id: personId(who), expire_time: at(until), reason: 'x', source: 'manual' },
    })),
    collaborator: collaborators.map(({ who, from, until }) => ({
      ...{ staff_id: personId(who), start_time: at(from), end_time: at(until) },
    })),
    service_access: served.map(({ who, at: minutes }) => ({ staff_id: personId(who), served_time: at(minutes) })),
    access_grant: grants.map(({ who, until }, index) => ({
      ...{ grant_id: deriveId('grant', String(which), String(index)), staff_id: personId(who), expire_time: at(until) },
    })),
    ticket_access: tickets.map(({ who, until }, index) => ({
      ticket_id: deriveId('ticket', String(which), String(index)),
      staff_id: 'person' in who ? personId(who.person) : null,
      queue_id: 'queue' in who ? queueId(who.queue) : null,
      expire_time: at(until),
    })),
  };
}

/** The org tree of a bank, in each of these schemas. */
export async function writeUnits(
  { units }: Bank,
  pools: readonly (readonly [pg.Pool, string])[],
  sequence: bigint,
): Promise<void> {
  const told = units.map(({ above }, which) => unitOf(which, above, sequence));
  for (const [workers, schema] of pools) await inTransaction(workers, nobody, (tx) => applyOrgUnits(tx, schema, told));
}

/** Everybody of a bank as the directory's feed tells. */
export function directoryOf({ people }: Bank): StaffDirectory {
  const directory = new StaffDirectory(systemClock);
  for (const [id, { scopes, permissions }] of Object.entries(permissionTable.roles)) {
    const customerScopes = scopes.map((scope) => CustomerScope[scope]);
    const names = { displayNameZh: '', displayNameEn: '' };
    const value = { id, ...names, customerScope: CustomerScope.NONE, customerScopes, permissions, builtIn: true };
    directory.apply({ kind: { $case: 'role', value } });
  }
  for (const [person, { posts }] of people.entries()) {
    const held = posts.map(({ role, unit }) => ({ role, orgUnitId: unitId(unit) }));
    const who = { staffId: personId(person), staffNumber: staffNumberOf(person), state: StaffState.ACTIVE };
    const value = { ...who, posts: held, notBefore: undefined, revision: 1n };
    directory.apply({ kind: { $case: 'staff', value: value as never } });
  }
  directory.apply({ kind: { $case: 'heartbeat', value: { revision: 1n, sendTime: new Date() } } });
  return directory;
}
