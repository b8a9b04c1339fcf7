import { batch, columns, type Tx } from '@bankcrm/database';
import { newestBySequence } from '@bankcrm/kernel';
import type { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import { assign, changedFields } from '../../domain/placement.ts';
import { lockCustomers, type StoredCustomer, updateCustomers } from '../golden-record/customer-rows.ts';
import { publishChanges } from '../golden-record/publish-changes.ts';
import { writeParticipants } from '../golden-record/write-participants.ts';

/**
 * Keeps the newest assignment of each customer and gives the customer to those it names. The customers' rows are locked first, as a snapshot's transaction
 * locks them: whichever commits first, the other sees what it wrote. What is said of a customer who is not known yet waits here for the customer.
 */
export async function applyAssignments(tx: Tx, assignments: readonly CustomerAssigned[], now: Date): Promise<void> {
  const newest = newestBySequence(assignments, ({ customerId }) => customerId);
  const stored = await lockCustomers(
    tx,
    newest.map(({ customerId }) => customerId),
  );
  const newer = await keepNewer(tx, newest);
  if (newer.length === 0) return;
  await writeCollaborators(tx, newer);
  await assignCustomers(tx, stored, newer, now);
}

const orNull = (id: string): string | null => (id === '' ? null : id);

const assignedBy = ({ rmStaffId, dedicatedRmStaffId }: CustomerAssigned) => ({
  rmStaffId: orNull(rmStaffId),
  dedicatedRmStaffId: orNull(dedicatedRmStaffId),
});

async function keepNewer(tx: Tx, newest: readonly CustomerAssigned[]): Promise<CustomerAssigned[]> {
  const rows = newest.map((assigned) => ({ ...assigned, ...assignedBy(assigned) }));
  const { rows: kept } = await tx.query<{ customer_id: string }>({
    name: 'keep-assignments',
    text: `
      INSERT INTO customer.assignment AS kept (customer_id, sequence, rm_staff_id, dedicated_rm_staff_id, effective_time)
      SELECT * FROM unnest($1::uuid[], $2::int8[], $3::uuid[], $4::uuid[], $5::timestamptz[])
      ON CONFLICT (customer_id) DO UPDATE SET sequence = excluded.sequence, rm_staff_id = excluded.rm_staff_id,
        dedicated_rm_staff_id = excluded.dedicated_rm_staff_id, effective_time = excluded.effective_time
      WHERE kept.sequence < excluded.sequence
      RETURNING customer_id`,
    values: batch(rows, {
      customerId: 'uuid',
      sequence: 'int8',
      rmStaffId: 'uuid',
      dedicatedRmStaffId: 'uuid',
      effectiveTime: 'timestamptz',
    }),
  });
  const newer = new Set(kept.map(({ customer_id }) => customer_id));
  return newest.filter(({ customerId }) => newer.has(customerId));
}

/** An assignment names all who collaborate: nobody else does. */
async function writeCollaborators(tx: Tx, assignments: readonly CustomerAssigned[]): Promise<void> {
  await tx.query({
    name: 'delete-collaborators',
    text: 'DELETE FROM customer.collaborator WHERE customer_id = ANY ($1::uuid[])',
    values: [columns.uuids(assignments.map(({ customerId }) => customerId))],
  });
  const rows = assignments.flatMap(({ customerId, collaborators }) => collaborators.map((one) => ({ customerId, ...one })));
  await tx.query({
    name: 'insert-collaborators',
    text: `
      INSERT INTO customer.collaborator (customer_id, staff_id, start_time, end_time)
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[])`,
    values: batch(rows, { customerId: 'uuid', staffId: 'uuid', startTime: 'timestamptz', endTime: 'timestamptz' }),
  });
}

async function assignCustomers(
  tx: Tx,
  stored: ReadonlyMap<string, StoredCustomer>,
  assignments: readonly CustomerAssigned[],
  now: Date,
): Promise<void> {
  const changed = assignments.flatMap((assigned) => {
    const before = stored.get(assigned.customerId);
    if (before === undefined) return [];
    const record = assign(before, assignedBy(assigned));
    const fields = changedFields(before, record);
    return fields.length === 0 ? [] : [{ customerId: before.customerId, version: before.version + 1n, record, before, fields }];
  });
  if (changed.length === 0) return;
  await updateCustomers(tx, changed, now);
  await writeParticipants(tx, changed, now);
  const changes = new Map(changed.map(({ customerId, version, fields }) => [customerId, { version, changedFields: fields }]));
  await publishChanges(tx, changes, () => 'quota', now);
}
