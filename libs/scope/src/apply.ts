import type { Tx } from '@bankcrm/database';
import type { Apply, Rejected } from '@bankcrm/events';
import { applyClosings } from './apply-closings.ts';
import { applyOrgUnits } from './apply-org-units.ts';
import { applyCustomers, applyQueues } from './apply-placements.ts';
import type { Incoming } from './incoming.ts';

type Of<Kind extends Incoming['kind']> = Extract<Incoming, { kind: Kind }>['message'];

/**
 * Applies messages of one of the two topics in the open transaction. What was checked can be written: rejects only what was rejected before, when it has closed what its
 * key names.
 */
export const apply: Apply<Incoming> = async (tx, items, { topic, replay }) => {
  const letters: Rejected[] = [];
  for (const part of partsOf(items.map(({ value }) => value))) {
    const of = <Kind extends Incoming['kind']>(kind: Kind): Of<Kind>[] =>
      part.flatMap((incoming) => (incoming.kind === kind ? [incoming.message as Of<Kind>] : []));
    const [customers, queues, units, heartbeats] = [of('customer'), of('queue'), of('org-unit'), of('heartbeat')];
    const closings = of('closing');
    if (customers.length > 0) await applyCustomers(tx, customers);
    if (queues.length > 0) await applyQueues(tx, queues);
    if (units.length > 0) await applyOrgUnits(tx, 'scope', units);
    if (heartbeats.length > 0) await applyHeartbeats(tx, topic, heartbeats);
    // A letter read again says nothing of now.
    if (closings.length > 0 && !replay) await applyClosings(tx, closings);
    letters.push(...closings.map(({ letter }) => letter));
  }
  return letters;
};

/** Closings apart from the others, in their order: what comes behind a closing may open again what that closed. */
function partsOf(all: readonly Incoming[]): Incoming[][] {
  const parts: Incoming[][] = [];
  for (const incoming of all) {
    const last = parts.at(-1);
    if (last !== undefined && (last[0]!.kind === 'closing') === (incoming.kind === 'closing')) last.push(incoming);
    else parts.push([incoming]);
  }
  return parts;
}

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
