import { permissionTable, StaffDirectory } from '@bankcrm/access';
import { inTransaction, migrateSchema, nobody, openPool } from '@bankcrm/database';
import type { Decoded } from '@bankcrm/events';
import { systemClock } from '@bankcrm/kernel';
import { CustomerScope, StaffState } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { applyOrgUnits, applyScope, decodeScope, type ScopeMessage, scopeSchema } from '@bankcrm/scope';
import { suiteDatabase } from '@bankcrm/testing';
import type pg from 'pg';
import { placements } from '../../src/app/publishing/placements.ts';
import type { Bank, Customer } from './random-bank.ts';

/** A database of a service that projects who sees which customer, and nothing else. */
export async function openProjection() {
  const urls = await suiteDatabase('audit');
  await migrateSchema({ ownerUrl: urls.owner, requestRole: 'audit_request', workerRole: 'audit_worker' }, scopeSchema);
  const open = (url: string) => openPool({ url, name: 'projection', maxConnections: 3, statementTimeoutMs: 20_000 });
  const [requests, workers] = [open(urls.request), open(urls.worker)];
  return {
    requests,
    workers,
    /** Applies messages as the consumer does. */
    apply: (topic: string, items: readonly Decoded<ScopeMessage>[]) =>
      inTransaction(workers, nobody, (tx) => applyScope(tx, items, { topic, now: new Date(), replay: false })),
    close: async () => void (await Promise.all([requests.end(), workers.end()])),
  };
}

/** The messages of what is marked in the customer service's database, whose marks are then gone. */
export async function takeMarked(workers: pg.Pool, sequence: bigint): Promise<Decoded<ScopeMessage>[]> {
  const { rows } = await workers.query<{ key: string }>(
    `WITH taken AS (DELETE FROM events.state_mark WHERE topic = 'placements' RETURNING key) SELECT DISTINCT key FROM taken`,
  );
  const keys = rows.map(({ key }) => key);
  const states = await inTransaction(workers, nobody, (tx) => placements.read(tx, keys, sequence));
  return states.map(({ type, key, payload }) => {
    const header = (text: string) => Buffer.from(text);
    const headers = {
      ce_id: header('1'),
      ce_source: header('/bankcrm/customer'),
      ce_type: header(type),
      'content-type': header('application/protobuf'),
    };
    const place = { topic: placements.topic, partition: 0, offset: sequence, time: new Date() };
    const decoded = decodeScope({ ...place, key: Buffer.from(key), value: Buffer.from(payload), headers });
    if (!decoded.ok) throw new Error(`${decoded.reason} ${decoded.field}`);
    return decoded;
  });
}

/** Everybody of a bank as the directory's feed tells. */
export function directoryOf(bank: Bank): StaffDirectory {
  const directory = new StaffDirectory(systemClock);
  for (const [id, { scopes, permissions }] of Object.entries(permissionTable.roles)) {
    const customerScopes = scopes.map((scope) => CustomerScope[scope]);
    const names = { displayNameZh: '', displayNameEn: '' };
    const value = { id, ...names, customerScope: CustomerScope.NONE, customerScopes, permissions, builtIn: true };
    directory.apply({ kind: { $case: 'role', value } });
  }
  for (const { id: staffId, number: staffNumber, posts, atWork } of bank.staff) {
    const state = atWork ? StaffState.ACTIVE : StaffState.SUSPENDED;
    const held = posts.map(({ role, unit }) => ({ role, orgUnitId: unit }));
    const value = { staffId, staffNumber, state, posts: held, notBefore: undefined, revision: 1n };
    directory.apply({ kind: { $case: 'staff', value: value as never } });
  }
  directory.apply({ kind: { $case: 'heartbeat', value: { revision: 1n, sendTime: new Date() } } });
  return directory;
}

/** The org tree as it is now, in both databases. */
export async function writeUnits(bank: Bank, pools: readonly (readonly [pg.Pool, string])[], sequence: bigint): Promise<void> {
  const units = [...bank.units].map(([orgUnitId, parentId], index) => ({
    orgUnitId,
    code: `U${index}`,
    displayName: `U${index}`,
    parentId: parentId ?? '',
    sequence,
  }));
  for (const [workers, schema] of pools) await inTransaction(workers, nobody, (tx) => applyOrgUnits(tx, schema, units));
}

/** What was written last, by customer and table: who decides about one part writes that one, and nothing else would mark the customer. */
const written = new Map<string, string>();

function isNews(customerId: string, table: string, rows: unknown): boolean {
  const [place, text] = [`${customerId} ${table}`, JSON.stringify(rows)];
  if (written.get(place) === text) return false;
  written.set(place, text);
  return true;
}

/** Writes a customer as those who decide about each part would. */
export async function writeCustomer(workers: pg.Pool, customer: Customer): Promise<void> {
  const { id, unit, rm, dedicated, restricted } = customer;
  await inTransaction(workers, nobody, async (tx) => {
    if (isNews(id, 'customer', [unit, rm, dedicated, restricted]))
      await tx.query(
        `INSERT INTO customer.customer (customer_id, kind, state, org_unit_id, rm_staff_id, dedicated_rm_staff_id, restricted)
       VALUES ($1, 'INDIVIDUAL', 'ACTIVE', $2, $3, $4, $5)
       ON CONFLICT (customer_id) DO UPDATE SET org_unit_id = excluded.org_unit_id, rm_staff_id = excluded.rm_staff_id,
         dedicated_rm_staff_id = excluded.dedicated_rm_staff_id, restricted = excluded.restricted`,
        [id, unit, rm, dedicated, restricted],
      );
    const replace = async (table: string, columns: string, rows: readonly unknown[][]): Promise<void> => {
      if (!isNews(id, table, rows)) return;
      await tx.query(`DELETE FROM customer.${table} WHERE customer_id = $1`, [id]);
      for (const row of rows)
        await tx.query(
          `INSERT INTO customer.${table} (customer_id, ${columns}) VALUES ($1, ${row.map((_, index) => `$${index + 2}`).join(', ')})`,
          [id, ...row],
        );
    };
    const { participants, collaborators, served, grants, tickets } = customer;
    await replace(
      'participant',
      'staff_id, expire_time, reason, source',
      participants.map((one) => [one.staff, one.end, 'x', 'manual']),
    );
    await replace(
      'collaborator',
      'staff_id, start_time, end_time',
      collaborators.map((one) => [one.staff, one.start, one.end]),
    );
    await replace(
      'service_access',
      'staff_id, served_time',
      served.map((one) => [one.staff, one.time]),
    );
    await replace(
      'access_grant',
      'grant_id, staff_id, expire_time',
      grants.map((one) => [one.id, one.staff, one.end]),
    );
    await replace(
      'ticket_access',
      'ticket_id, staff_id, queue_id, expire_time',
      tickets.map((one) => [one.id, one.staff, one.queue, one.end]),
    );
  });
}

export async function writeQueue(workers: pg.Pool, queue: string, members: readonly string[]): Promise<void> {
  await inTransaction(workers, nobody, async (tx) => {
    await tx.query('INSERT INTO customer.queue_version (queue_id, sequence) VALUES ($1, 1) ON CONFLICT DO NOTHING', [queue]);
    await tx.query('DELETE FROM customer.queue_member WHERE queue_id = $1', [queue]);
    await tx.query('INSERT INTO customer.queue_member (queue_id, staff_id) SELECT $1, unnest($2::uuid[])', [queue, members]);
  });
}
