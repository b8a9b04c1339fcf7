import { batch, columns, type Tx } from '@bankcrm/database';
import type { CustomerPlaced, QueueStaffed } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';
import { newestByKey } from './newest.ts';

/** Brings customers up to date: what is older than what stands, or as old, changes nothing; who sees a customer is replaced as a whole. */
export async function applyCustomers(tx: Tx, messages: readonly CustomerPlaced[]): Promise<void> {
  const newest = newestByKey(messages, ({ customerId }) => customerId);
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
  /** Rows of a child table, each with its customer. */
  const each = <Row extends object>(rowsOf: (placed: CustomerPlaced) => readonly Row[]) =>
    changed.flatMap((placed) => rowsOf(placed).map((row) => ({ ...row, customerId: placed.customerId })));
  const owners = columns.uuids([...ids]);

  await tx.query({
    name: 'replace-participants',
    text: `
      WITH wanted AS (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) AS w (customer_id, staff_id, expire_time)),
      gone AS (
        DELETE FROM scope.participant AS old
        WHERE customer_id = ANY ($1::uuid[])
          AND NOT EXISTS (SELECT FROM wanted WHERE wanted.customer_id = old.customer_id AND wanted.staff_id = old.staff_id))
      INSERT INTO scope.participant AS known SELECT customer_id, staff_id, expire_time FROM wanted
      ON CONFLICT (customer_id, staff_id) DO UPDATE SET expire_time = excluded.expire_time
      WHERE known.expire_time IS DISTINCT FROM excluded.expire_time`,
    values: [
      owners,
      ...batch(
        each(({ participants }) => participants),
        { customerId: 'uuid', staffId: 'uuid', expireTime: 'timestamptz' },
      ),
    ],
  });
  await tx.query({
    name: 'replace-collaborators',
    text: `
      WITH wanted AS (
        SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[]) AS w (customer_id, staff_id, start_time, end_time)),
      gone AS (
        DELETE FROM scope.collaborator AS old
        WHERE customer_id = ANY ($1::uuid[])
          AND NOT EXISTS (SELECT FROM wanted WHERE wanted.customer_id = old.customer_id AND wanted.staff_id = old.staff_id))
      INSERT INTO scope.collaborator AS known SELECT customer_id, staff_id, start_time, end_time FROM wanted
      ON CONFLICT (customer_id, staff_id) DO UPDATE SET start_time = excluded.start_time, end_time = excluded.end_time
      WHERE (known.start_time, known.end_time) IS DISTINCT FROM (excluded.start_time, excluded.end_time)`,
    values: [
      owners,
      ...batch(
        each(({ collaborators }) => collaborators),
        { customerId: 'uuid', staffId: 'uuid', startTime: 'timestamptz', endTime: 'timestamptz' },
      ),
    ],
  });
  await tx.query({
    name: 'replace-service-access',
    text: `
      WITH wanted AS (SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) AS w (customer_id, staff_id, served_time)),
      gone AS (
        DELETE FROM scope.service_access AS old
        WHERE customer_id = ANY ($1::uuid[])
          AND NOT EXISTS (SELECT FROM wanted WHERE wanted.customer_id = old.customer_id AND wanted.staff_id = old.staff_id))
      INSERT INTO scope.service_access AS known SELECT customer_id, staff_id, served_time FROM wanted
      ON CONFLICT (customer_id, staff_id) DO UPDATE SET served_time = excluded.served_time
      WHERE known.served_time <> excluded.served_time`,
    values: [
      owners,
      ...batch(
        each(({ servedBy }) => servedBy),
        { customerId: 'uuid', staffId: 'uuid', serveTime: 'timestamptz' },
      ),
    ],
  });
  await tx.query({
    name: 'replace-access-grants',
    text: `
      WITH wanted AS (
        SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[]) AS w (customer_id, grant_id, staff_id, expire_time)),
      gone AS (
        DELETE FROM scope.access_grant AS old
        WHERE customer_id = ANY ($1::uuid[])
          AND NOT EXISTS (SELECT FROM wanted WHERE wanted.customer_id = old.customer_id AND wanted.grant_id = old.grant_id))
      INSERT INTO scope.access_grant AS known SELECT customer_id, grant_id, staff_id, expire_time FROM wanted
      ON CONFLICT (customer_id, grant_id) DO UPDATE SET staff_id = excluded.staff_id, expire_time = excluded.expire_time
      WHERE (known.staff_id, known.expire_time) <> (excluded.staff_id, excluded.expire_time)`,
    values: [
      owners,
      ...batch(
        each(({ grants }) => grants),
        { customerId: 'uuid', grantId: 'uuid', staffId: 'uuid', expireTime: 'timestamptz' },
      ),
    ],
  });
  await tx.query({
    name: 'replace-ticket-access',
    text: `
      WITH wanted AS (
        SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::timestamptz[])
          AS w (customer_id, ticket_id, staff_id, queue_id, expire_time)),
      gone AS (
        DELETE FROM scope.ticket_access AS old
        WHERE customer_id = ANY ($1::uuid[]) AND NOT EXISTS (
          SELECT FROM wanted
          WHERE wanted.customer_id = old.customer_id AND wanted.ticket_id = old.ticket_id
            AND wanted.staff_id IS NOT DISTINCT FROM old.staff_id AND wanted.queue_id IS NOT DISTINCT FROM old.queue_id))
      INSERT INTO scope.ticket_access AS known SELECT customer_id, ticket_id, staff_id, queue_id, expire_time FROM wanted
      ON CONFLICT (customer_id, ticket_id, staff_id, queue_id) DO UPDATE SET expire_time = excluded.expire_time
      WHERE known.expire_time IS DISTINCT FROM excluded.expire_time`,
    values: [
      owners,
      ...batch(
        each(({ ticketAccess }) =>
          ticketAccess.map((row) => ({ ...row, staffId: row.staffId || null, queueId: row.queueId || null })),
        ),
        { customerId: 'uuid', ticketId: 'uuid', staffId: 'uuid', queueId: 'uuid', expireTime: 'timestamptz' },
      ),
    ],
  });
}

/** Brings the members of queues up to date, in the same way. */
export async function applyQueues(tx: Tx, messages: readonly QueueStaffed[]): Promise<void> {
  const newest = newestByKey(messages, ({ queueId }) => queueId);
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
  await tx.query({
    name: 'replace-queue-members',
    text: `
      WITH wanted AS (SELECT * FROM unnest($2::uuid[], $3::uuid[]) AS w (queue_id, staff_id)),
      gone AS (
        DELETE FROM scope.queue_member AS old
        WHERE queue_id = ANY ($1::uuid[])
          AND NOT EXISTS (SELECT FROM wanted WHERE wanted.queue_id = old.queue_id AND wanted.staff_id = old.staff_id))
      INSERT INTO scope.queue_member SELECT queue_id, staff_id FROM wanted ON CONFLICT DO NOTHING`,
    values: [columns.uuids([...ids]), ...batch(members, { queueId: 'uuid', staffId: 'uuid' })],
  });
}
