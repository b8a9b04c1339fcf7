import { newId } from '@bankcrm/kernel';
import { Heartbeat } from '@bankcrm/proto/gen/bankcrm/heartbeat/v1/heartbeat.ts';
import type { Message } from 'kafkajs';
import { header, type RawMessage } from '../messages.ts';
import { messageOfEvent } from '../outbox/rows.ts';

const type = 'bankcrm.heartbeat.v1.Heartbeat';
const typeBytes = Buffer.from(type);

/** Whether a message of a topic that keeps the newest state is a heartbeat: it carries no state. */
export const isHeartbeat = (raw: RawMessage): boolean => header(raw, 'ce_type')?.equals(typeBytes) ?? false;

/** One heartbeat for each partition. */
export const heartbeatsOf = (partitions: number, asOf: Date, service: string): Message[] =>
  Array.from({ length: partitions }, (_, partition) => ({ partition, ...heartbeat(partition, asOf, service) }));

function heartbeat(partition: number, asOf: Date, service: string): Message {
  const key = `heartbeat/${partition}`;
  const payload = Heartbeat.encode({ asOf }).finish();
  return messageOfEvent({ id: newId(), type, key, subject: key, payload, time: asOf }, service);
}
