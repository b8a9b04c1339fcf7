import { batch, columns, type Tx } from '@bankcrm/database';
import type { TicketAccessChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/ticket_access.ts';
import { onlyNewer } from './only-newer.ts';

/** Keeps the newest list of each customer's tickets through which somebody sees the customer. */
export async function applyTicketAccess(tx: Tx, changes: readonly TicketAccessChanged[]): Promise<void> {
  const newer = await onlyNewer(tx, 'ticket_access_version', changes, ({ customerId }) => customerId);
  if (newer.length === 0) return;
  await tx.query({
    name: 'delete-ticket-access',
    text: 'DELETE FROM customer.ticket_access WHERE customer_id = ANY ($1::uuid[])',
    values: [columns.uuids(newer.map(({ customerId }) => customerId))],
  });
  const rows = newer.flatMap(({ customerId, access }) =>
    access.map(({ ticketId, staffId, queueId, expireTime }) => ({
      customerId,
      ticketId,
      staffId: staffId === '' ? null : staffId,
      queueId: queueId === '' ? null : queueId,
      expireTime,
    })),
  );
  await tx.query({
    name: 'insert-ticket-access',
    text: `
      INSERT INTO customer.ticket_access (customer_id, ticket_id, staff_id, queue_id, expire_time)
      SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[])`,
    values: batch(rows, { customerId: 'uuid', ticketId: 'uuid', staffId: 'uuid', queueId: 'uuid', expireTime: 'timestamptz' }),
  });
}
