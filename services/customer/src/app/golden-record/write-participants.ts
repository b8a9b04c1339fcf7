import { columns, type Tx } from '@bankcrm/database';
import type { PlacedRecord } from '../../domain/placement.ts';

export interface Guarded {
  customerId: string;
  record: PlacedRecord;
  /** Undefined for a new customer. */
  before?: PlacedRecord | undefined;
}

/** The participant that the core names for a customer it restricts: the relationship manager. People name the others. */
const namedByCore = (record: PlacedRecord | undefined): string | null => {
  const source = record?.fieldSources.restricted?.source;
  return record?.restricted === true && source !== undefined && source !== 'manual' ? record.rmStaffId : null;
};

/**
 * Gives restricted customers the participant that the core names, and takes away the one that it no longer names. Whom a person has named too is the core's
 * from then on: neither the end that the person set nor anybody's word takes them out.
 */
export async function writeParticipants(tx: Tx, customers: readonly Guarded[], now: Date): Promise<void> {
  const moved = customers.filter(({ before, record }) => namedByCore(before) !== namedByCore(record));
  const gone = moved.filter(({ before }) => namedByCore(before) !== null);
  if (gone.length > 0)
    await tx.query({
      name: 'delete-core-participants',
      text: `DELETE FROM customer.participant WHERE customer_id = ANY ($1::uuid[]) AND source = 'core'`,
      values: [columns.uuids(gone.map(({ customerId }) => customerId))],
    });
  const named = moved.filter(({ record }) => namedByCore(record) !== null);
  if (named.length > 0)
    await tx.query({
      name: 'insert-core-participants',
      text: `
        INSERT INTO customer.participant (customer_id, staff_id, reason, source, create_time)
        SELECT customer_id, staff_id, 'RELATIONSHIP_MANAGER', 'core', $3
        FROM unnest($1::uuid[], $2::uuid[]) AS given (customer_id, staff_id)
        ON CONFLICT (customer_id, staff_id) DO UPDATE SET source = excluded.source, reason = excluded.reason, expire_time = NULL`,
      values: [
        columns.uuids(named.map(({ customerId }) => customerId)),
        columns.uuids(named.map(({ record }) => namedByCore(record))),
        now,
      ],
    });
}
