/** A message as Kafka delivered it. */
export interface RawMessage {
  /** Name as in the contract, without a test's prefix. */
  topic: string;
  partition: number;
  offset: bigint;
  /** Kafka's timestamp: of the broker or of the producer, as the topic is set. */
  time: Date;
  key: Buffer | null;
  /** Null is a tombstone on a compacted topic. */
  value: Buffer | null;
  headers: Readonly<Record<string, Buffer>>;
}

/** A message that was understood. */
export interface Decoded<T> {
  ok: true;
  raw: RawMessage;
  value: T;
}

/** A message that cannot be applied and becomes a dead letter. */
export interface Rejected {
  ok: false;
  raw: RawMessage;
  /** A constant such as `BAD_PROTOBUF`. */
  reason: string;
  /** Path of the field at fault, never its value. */
  field: string;
}

export const decoded = <T>(raw: RawMessage, value: T): Decoded<T> => ({ ok: true, raw, value });
export const rejected = (raw: RawMessage, reason: string, field = ''): Rejected => ({ ok: false, raw, reason, field });

/** Reads one message without touching the world; anything it throws counts as `DECODE_FAILED`. */
export type Decode<T> = (raw: RawMessage) => Decoded<T> | Rejected;

/** A header's text, undefined when absent. */
export const headerText = (raw: RawMessage, name: string): string | undefined => raw.headers[name]?.toString('utf8');

/** What a consumer needs of a CloudEvent in Kafka's binary mode (CloudEvents 1.0.2, Kafka protocol binding §3.2). */
export interface CloudEvent {
  type: string;
  /** Media type without parameters, in lower case. */
  contentType: string;
}

const required = ['ce_id', 'ce_source', 'ce_type', 'content-type'] as const;

/** The attributes from the headers, or `MISSING_HEADER` naming the first one absent or empty. */
export function readCloudEvent(raw: RawMessage): CloudEvent | Rejected {
  for (const name of required) if ((raw.headers[name]?.length ?? 0) === 0) return rejected(raw, 'MISSING_HEADER', name);
  // The contract names the headers a producer must set; a client library adds the version, a hand-made message may not.
  if ((headerText(raw, 'ce_specversion') ?? '1.0') !== '1.0') return rejected(raw, 'INVALID_FIELD', 'ce_specversion');
  return { type: headerText(raw, 'ce_type')!, contentType: mediaType(headerText(raw, 'content-type')!) };
}

/** A header as most producers write it is its own media type. */
const mediaType = (text: string): string =>
  text === 'application/protobuf' || text === 'application/json' ? text : text.split(';', 1)[0]!.trim().toLowerCase();

/** Tells attributes from a rejection: `const event = readCloudEvent(raw); if (isRejected(event)) return event;` */
export const isRejected = (value: object): value is Rejected => 'ok' in value && value.ok === false;

const sourceName = /^[a-z0-9-]{1,32}$/;

/**
 * The source system from `ce_source` (`/corebanking/core` → `core`), known before the payload is decoded; empty where the
 * header is absent or names none.
 */
export function sourceSystemOf(raw: RawMessage): string {
  const source = headerText(raw, 'ce_source');
  if (source === undefined || source.length > 256) return '';
  const name = source.slice(source.lastIndexOf('/') + 1);
  return sourceName.test(name) ? name : '';
}
