import { batch, columns, type Tx } from '@bankcrm/database';
import type { QueueMembersChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/queue_members.ts';
import { onlyNewer } from './only-newer.ts';

/** Keeps the newest list of who works on each queue of tickets. */
export async function applyQueueMembers(tx: Tx, queues: readonly QueueMembersChanged[]): Promise<void> {
  const newer = await onlyNewer(tx, 'queue_version', queues, ({ queueId }) => queueId);
  if (newer.length === 0) return;
  await tx.query({
    name: 'delete-queue-members',
    text: 'DELETE FROM customer.queue_member WHERE queue_id = ANY ($1::uuid[])',
    values: [columns.uuids(newer.map(({ queueId }) => queueId))],
  });
  const rows = newer.flatMap(({ queueId, staffIds }) => staffIds.map((staffId) => ({ queueId, staffId })));
  await tx.query({
    name: 'insert-queue-members',
    text: 'INSERT INTO customer.queue_member (queue_id, staff_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])',
    values: batch(rows, { queueId: 'uuid', staffId: 'uuid' }),
  });
}
