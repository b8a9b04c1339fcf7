import type { OutboxEvent, Sender } from '@bankcrm/events';
import { deriveId } from '@bankcrm/kernel';
import { topicOf } from '@bankcrm/proto/descriptors';
import { Head, SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import type { Anchor, NumberedHead } from '../domain/head.ts';

const type = 'bankcrm.audit.v1.SignedHead';
const topic = topicOf(type);

/** Heads in a topic of unlimited retention. One that is sent again has the same id and the same bytes. */
export const topicAnchor = (sender: Sender): Anchor => ({
  keep: (heads) => sender.send(heads.map(eventOf)),
});

function eventOf({ number, ...signed }: NumberedHead): OutboxEvent {
  const id = deriveId('audit-head', String(number));
  return {
    id,
    aggregateType: 'audit-head',
    aggregateId: id,
    type,
    topic,
    // One partition: heads are read in their order.
    key: 'heads',
    payload: SignedHead.encode(signed).finish(),
    subject: 'auditLog',
    sequence: number,
    time: Head.decode(signed.head).signTime!,
  };
}
