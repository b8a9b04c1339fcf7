import { correctedMessagesTopic } from '@bankcrm/contract';
import type { Tx } from '@bankcrm/database';
import { type AppliedLetter, appendToOutbox, type OutboxEvent } from '@bankcrm/events';
import type { Incoming } from '../sync/incoming.ts';
import type { DeadLetterDeps } from './deps.ts';
import { letterName } from './wire.ts';

/**
 * Says to all who read core banking's topics themselves what was applied for letters, in the transaction that applied it. The letter's id is the event's: a
 * letter is applied once. Messages hold identifying values, so they wait sealed.
 */
export async function publishApplied(
  tx: Tx,
  { sealer, wireOf }: Pick<DeadLetterDeps, 'sealer' | 'wireOf'>,
  applied: readonly AppliedLetter<Incoming>[],
  now: Date,
): Promise<void> {
  const events = applied.flatMap(({ letter, item }): OutboxEvent[] => {
    const wire = wireOf(item);
    if (wire === undefined) return [];
    const { id } = letter;
    return [
      {
        ...wire,
        id,
        aggregateType: 'dead-letter',
        aggregateId: id,
        topic: correctedMessagesTopic,
        subject: letterName(id),
        time: now,
        sealer,
      },
    ];
  });
  await appendToOutbox(tx, events);
}
