import type { Tx } from '@bankcrm/database';
import { appendToOutbox, type OutboxEvent } from '@bankcrm/events';
import { newId } from '@bankcrm/kernel';

interface Place {
  customerId: string;
  interactionId: string;
}

/** How an event about an interaction names it and its customer. */
export const subjectOf = ({ customerId, interactionId }: Place) => ({
  customer: `customers/${customerId}`,
  interaction: `customers/${customerId}/interactions/${interactionId}`,
});

/** Adds an event about an interaction to the open transaction: how it is published, and its message, as of the interaction's version. */
export const publishInteraction = (
  tx: Tx,
  { sequence, now, ...place }: Place & { sequence: bigint; now: Date },
  event: Pick<OutboxEvent, 'type' | 'topic' | 'key'>,
  message: { finish(): Uint8Array },
): Promise<void> =>
  appendToOutbox(tx, [
    {
      id: newId(),
      aggregateType: 'interaction',
      aggregateId: place.interactionId,
      ...event,
      payload: message.finish(),
      subject: subjectOf(place).interaction,
      sequence,
      time: now,
    },
  ]);
