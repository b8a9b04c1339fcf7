import type { Tx } from '@bankcrm/database';
import type { Apply } from '@bankcrm/events';
import { applyOrgUnits } from './apply-org-units.ts';
import { applyCustomers, applyQueues } from './apply-placements.ts';
import type { Incoming } from './incoming.ts';

type Of<Kind extends Incoming['kind']> = Extract<Incoming, { kind: Kind }>['message'];

/** Applies checked messages of one of the two topics in the open transaction. What was checked can be written: rejects none. */
export const apply: Apply<Incoming> = async (tx, items, { topic }) => {
  const of = <Kind extends Incoming['kind']>(kind: Kind): Of<Kind>[] =>
    items.flatMap(({ value }) => (value.kind === kind ? [value.message as Of<Kind>] : []));
  const [customers, queues, units, heartbeats] = [of('customer'), of('queue'), of('org-unit'), of('heartbeat')];
  if (customers.length > 0) await applyCustomers(tx, customers);
  if (queues.length > 0) await applyQueues(tx, queues);
  if (units.length > 0) await applyOrgUnits(tx, 'scope', units);
  if (heartbeats.length > 0) await applyHeartbeats(tx, topic, heartbeats);
  return [];
};

/** An earlier one, read again, takes nothing back. */
async function applyHeartbeats(tx: Tx, topic: string, heartbeats: readonly Of<'heartbeat'>[]): Promise<void> {
  await tx.query({
    name: 'note-heartbeats',
    text: `
      INSERT INTO scope.feed (topic, partition, as_of)
      SELECT $1, partition, max(as_of) FROM unnest($2::int4[], $3::timestamptz[]) AS heartbeat (partition, as_of) GROUP BY partition
      ON CONFLICT (topic, partition) DO UPDATE SET as_of = greatest(feed.as_of, excluded.as_of)`,
    values: [topic, heartbeats.map(({ partition }) => partition), heartbeats.map(({ asOf }) => asOf)],
  });
}
