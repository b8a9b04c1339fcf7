import { batch, columns, type Tx } from '@bankcrm/database';
import { newestBySequence } from '@bankcrm/kernel';
import type { CustomerPlaced, QueueStaffed } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';

/** Brings customers up to date: what is older than what stands, or as old, changes nothing; who sees a customer is replaced as a whole. */
export async function applyCustomers(tx: Tx, messages: readonly CustomerPlaced[]): Promise<void> {
  const newest = newestBySequence(messages, ({ customerId }) => customerId);
  const { rows } = await tx.query<{ customer_id: string }>({
    name: 'upsert-scope-customers',
    text: `
      INSERT INTO scope.customer AS known
        (customer_id, sequence, kind, state, merged_into, org_unit_id, rm_staff_id, dedicated_rm_staff_id, restricted)
      SELECT * FROM unnest($1::uuid[], $2::int8[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::bool[])
      ON CONFLICT (customer_id) DO UPDATE SET sequence = excluded.sequence, kind = excluded.kind, state = excluded.state,
        merged_into = excluded.merged_into, org_unit_id = excluded.org_unit_id, rm_staff_id = excluded.rm_staff_id,
        dedicated_rm_staff_id = excluded.dedicated_rm_staff_id, restricted = excluded.restricted
      WHERE known.sequence < excluded.sequence
      RETURNING customer_id`,
    values: batch(
      newest.map(({ mergedInto, orgUnitId, rmStaffId, dedicatedRmStaffId, ...placed }) => ({
        ...placed,
        mergedInto: mergedInto || null,
        orgUnitId: orgUnitId || null,
        rmStaffId: rmStaffId || null,
        dedicatedRmStaffId: dedicatedRmStaffId || null,
      })),
      {
        customerId: 'uuid',
        sequence: 'int8',
        kind: 'text',
        state: 'text',
        mergedInto: 'uuid',
        orgUnitId: 'uuid',
        rmStaffId: 'uuid',
        dedicatedRmStaffId: 'uuid',
        restricted: 'bool',
      },
    ),
  });
  const ids = new Set(rows.map(({ customer_id }) => customer_id));
  const changed = newest.filter(({ customerId }) => ids.has(customerId));
  if (changed.length === 0) return;
  const owners = columns.uuids([...ids]);
  /** Rows of a child table, each with its customer. */
  const each = <Row extends object>(rowsOf: (placed: CustomerPlaced) => readonly Row[]) =>
    changed.flatMap((placed) => rowsOf(placed).map((row) => ({ ...row, customerId: placed.customerId })));

  await replace(tx, 'participant', owners, {
    key: ['customer_id', 'staff_id'],
    types: { customerId: 'uuid', staffId: 'uuid', expireTime: 'timestamptz' },
    rows: each(({ participants }) => participants),
  });
  await replace(tx, 'collaborator', owners, {
    key: ['customer_id', 'staff_id'],
    types: { customerId: 'uuid', staffId: 'uuid', startTime: 'timestamptz', endTime: 'timestamptz' },
    rows: each(({ collaborators }) => collaborators),
  });
  await replace(tx, 'service_access', owners, {
    key: ['customer_id', 'staff_id'],
    types: { customerId: 'uuid', staffId: 'uuid', servedTime: 'timestamptz' },
    rows: each(({ servedBy }) => servedBy.map(({ staffId, serveTime: servedTime }) => ({ staffId, servedTime }))),
  });
  await replace(tx, 'access_grant', owners, {
    key: ['customer_id', 'grant_id'],
    types: { customerId: 'uuid', grantId: 'uuid', staffId: 'uuid', expireTime: 'timestamptz' },
    rows: each(({ grants }) => grants),
  });
  await replace(tx, 'ticket_access', owners, {
    key: ['customer_id', 'ticket_id', 'staff_id', 'queue_id'],
    types: { customerId: 'uuid', ticketId: 'uuid', staffId: 'uuid', queueId: 'uuid', expireTime: 'timestamptz' },
    rows: each(({ ticketAccess }) =>
      ticketAccess.map((row) => ({ ...row, staffId: row.staffId || null, queueId: row.queueId || null })),
    ),
  });
}

/** Brings the members of queues up to date, in the same way. */
export async function applyQueues(tx: Tx, messages: readonly QueueStaffed[]): Promise<void> {
  const newest = newestBySequence(messages, ({ queueId }) => queueId);
  const { rows } = await tx.query<{ queue_id: string }>({
    name: 'upsert-scope-queues',
    text: `
      INSERT INTO scope.queue AS known (queue_id, sequence)
      SELECT * FROM unnest($1::uuid[], $2::int8[])
      ON CONFLICT (queue_id) DO UPDATE SET sequence = excluded.sequence
      WHERE known.sequence < excluded.sequence
      RETURNING queue_id`,
    values: batch(newest, { queueId: 'uuid', sequence: 'int8' }),
  });
  const ids = new Set(rows.map(({ queue_id }) => queue_id));
  if (ids.size === 0) return;
  const members = newest
    .filter(({ queueId }) => ids.has(queueId))
    .flatMap(({ queueId, staffIds }) => staffIds.map((staffId) => ({ queueId, staffId })));
  await replace(tx, 'queue_member', columns.uuids([...ids]), {
    key: ['queue_id', 'staff_id'],
    types: { queueId: 'uuid', staffId: 'uuid' },
    rows: members,
  });
}

/**
 * Makes the rows of these owners in a table those given, and touches none that is right already. The first column of the key is the owner's; columns are called
 * like the properties, in snake case.
 */
async function replace<Row extends object>(
  tx: Tx,
  table: string,
  owners: Buffer,
  { key, types, rows }: { key: readonly string[]; types: Parameters<typeof batch<Row>>[1]; rows: readonly Row[] },
): Promise<void> {
  const all = Object.keys(types).map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const arrays = Object.values(types).map((type, at) => `$${at + 2}::${type as string}[]`);
  const others = all.filter((column) => !key.includes(column));
  const same = key.map((column) => `wanted.${column} IS NOT DISTINCT FROM old.${column}`);
  const row = (of: string): string => `(${others.map((column) => `${of}.${column}`).join(', ')})`;
  const settle =
    others.length === 0
      ? 'DO NOTHING'
      : `(${key.join(', ')}) DO UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(', ')}
         WHERE ${row('known')} IS DISTINCT FROM ${row('excluded')}`;
  await tx.query({
    name: `replace-${table}`,
    text: `
      WITH wanted AS (SELECT * FROM unnest(${arrays.join(', ')}) AS wanted (${all.join(', ')})),
      gone AS (
        DELETE FROM scope.${table} AS old
        WHERE ${key[0]} = ANY ($1::uuid[]) AND NOT EXISTS (SELECT FROM wanted WHERE ${same.join(' AND ')}))
      INSERT INTO scope.${table} AS known (${all.join(', ')}) SELECT ${all.join(', ')} FROM wanted
      ON CONFLICT ${settle}`,
    values: [owners, ...batch(rows, types)],
  });
}
