import { columns, type Tx } from '@bankcrm/database';
import type { Assigned } from '../../domain/placement.ts';

/**
 * What BankCRM has decided about customers, by their ids. Read once their rows are held, in a statement of its own: an assignment that was applied while
 * this transaction waited for a row is seen then.
 */
export async function readAssignments(tx: Tx, customerIds: readonly string[]): Promise<Map<string, Assigned>> {
  if (customerIds.length === 0) return new Map();
  const { rows } = await tx.query<{ customer_id: string; rm_staff_id: string | null; dedicated_rm_staff_id: string | null }>({
    name: 'read-assignments',
    text: 'SELECT customer_id, rm_staff_id, dedicated_rm_staff_id FROM customer.assignment WHERE customer_id = ANY ($1::uuid[])',
    values: [columns.uuids([...customerIds])],
  });
  return new Map(
    rows.map((row) => [row.customer_id, { rmStaffId: row.rm_staff_id, dedicatedRmStaffId: row.dedicated_rm_staff_id }]),
  );
}
