import { type OutboxEvent, type ReadTopicOptions, readTopic, type Sender } from '@bankcrm/events';
import { deriveId } from '@bankcrm/kernel';
import { topicOf } from '@bankcrm/proto/descriptors';
import { Head, SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import type { AnchorLine } from '../domain/anchored-heads.ts';
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

/** Reads every head of the topic, up to where it ends as reading begins; undefined stands for a message that is none. */
export async function* readTopicAnchor(options: Omit<ReadTopicOptions, 'topic'>): AsyncGenerator<AnchorLine> {
  for await (const { partition, offset, value } of readTopic({ ...options, topic })) {
    yield { line: `partition ${partition}, offset ${offset}`, signed: signedHeadOf(value) };
  }
}

function signedHeadOf(value: Uint8Array | null): SignedHead | undefined {
  try {
    return value === null ? undefined : SignedHead.decode(value);
  } catch {
    return undefined;
  }
}
