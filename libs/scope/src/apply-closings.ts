import { batch, type Tx } from '@bankcrm/database';
import type { Closing } from './incoming.ts';

/**
 * Closes customers and queues about which something was rejected, for it may have taken sight from somebody: nobody sees the customer, nor what hangs on it, and the
 * queue has no members. Their sequence stays, so that the next placement opens them. One that stands by a newer message than the rejected one stays as it is.
 */
export async function applyClosings(tx: Tx, closings: readonly Closing[]): Promise<void> {
  await tx.query({
    name: 'close-scope',
    text: `
      WITH broken AS (SELECT * FROM unnest($1::uuid[], $2::int8[]) AS broken (id, sequence)),
      customer AS (
        UPDATE scope.customer AS known SET restricted = true, merged_into = NULL
        FROM broken WHERE known.customer_id = broken.id AND (broken.sequence IS NULL OR known.sequence < broken.sequence)
        RETURNING known.customer_id),
      participant AS (DELETE FROM scope.participant WHERE customer_id IN (SELECT customer_id FROM customer))
      DELETE FROM scope.queue_member WHERE queue_id IN (
        SELECT queue_id FROM scope.queue AS known JOIN broken ON known.queue_id = broken.id
        WHERE broken.sequence IS NULL OR known.sequence < broken.sequence)`,
    values: batch(closings, { id: 'uuid', sequence: 'int8' }),
  });
}
