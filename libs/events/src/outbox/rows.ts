import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import type { IHeaders, Message, TopicMessages } from 'kafkajs';
import type { OutboxEvent } from './append.ts';

export interface OutboxRow {
  position: bigint;
  id: string;
  type: string;
  topic: string;
  key: string;
  payload: Buffer;
  is_sealed: boolean;
  content_type: string;
  headers: Record<string, string>;
  subject: string;
  sequence: bigint | null;
  entry_number: bigint | null;
  event_time: Date;
}

/**
 * The number as the one field of an otherwise empty `Entry`. Encoded messages may be concatenated: a reader merges them, and the last value
 * of a scalar field wins (protobuf encoding guide, "Last One Wins"). So the entry gets its number without being decoded, and a resent
 * row gives the same bytes.
 */
const numberField = (number: bigint): Uint8Array => Entry.encode(Entry.fromPartial({ number })).finish();

/** One row as a CloudEvent in Kafka's binary mode. */
export function messageOf(row: Omit<OutboxRow, 'position' | 'topic' | 'is_sealed'>, service: string): Message {
  const headers: IHeaders = {
    ce_specversion: '1.0',
    ce_id: row.id,
    ce_source: `/bankcrm/${service}`,
    ce_type: row.type,
    ce_time: row.event_time.toISOString(),
    ce_subject: row.subject,
    'content-type': row.content_type,
    ...row.headers,
  };
  if (row.sequence !== null) headers.ce_sequence = String(row.sequence);
  if (row.entry_number === null)
    return { key: row.key, value: row.payload, headers, timestamp: String(row.event_time.getTime()) };
  headers.bankcrm_entry_number = String(row.entry_number);
  const value = Buffer.concat([row.payload, numberField(row.entry_number)]);
  return { key: row.key, value, headers, timestamp: String(row.event_time.getTime()) };
}

/** An event that waits in no row, as a CloudEvent. */
export function messageOfEvent(
  {
    id,
    type,
    key,
    payload,
    subject,
    sequence,
    time,
  }: Pick<OutboxEvent, 'id' | 'type' | 'key' | 'payload' | 'subject' | 'sequence' | 'time'>,
  service: string,
): Message {
  const row = { id, type, key, payload: Buffer.from(payload), subject, sequence: sequence ?? null, event_time: time };
  return messageOf({ ...row, content_type: 'application/protobuf', headers: {}, entry_number: null }, service);
}

/** Rows by topic, each topic's in the order of their positions. */
export function topicMessages(rows: readonly OutboxRow[], service: string, topicPrefix: string): TopicMessages[] {
  const byTopic = Map.groupBy(rows, (row) => row.topic);
  return [...byTopic].map(([topic, part]) => ({
    topic: topicPrefix + topic,
    messages: part.map((row) => messageOf(row, service)),
  }));
}
