import type { Tx } from '@bankcrm/database';
import { appendToOutbox } from '@bankcrm/events';
import { newId } from '@bankcrm/kernel';

const topic = 'bankcrm.customer.v1.interactions';

interface Place {
  customerId: string;
  interactionId: string;
}

/** How an event about an interaction names it and its customer. */
export const subjectOf = ({ customerId, interactionId }: Place) => ({
  customer: `customers/${customerId}`,
  interaction: `customers/${customerId}/interactions/${interactionId}`,
});

/** Adds an event about an interaction to the open transaction: what of `bankcrm.customer.v1` it is, and its message, as of the interaction's version. */
export const publishInteraction = (
  tx: Tx,
  { sequence, now, ...place }: Place & { sequence: bigint; now: Date },
  type: 'InteractionRecorded' | 'NextStepCompleted',
  message: { finish(): Uint8Array },
): Promise<void> =>
  appendToOutbox(tx, [
    {
      id: newId(),
      aggregateType: 'interaction',
      aggregateId: place.interactionId,
      type: `bankcrm.customer.v1.${type}`,
      topic,
      key: place.customerId,
      payload: message.finish(),
      subject: subjectOf(place).interaction,
      sequence,
      time: now,
    },
  ]);
