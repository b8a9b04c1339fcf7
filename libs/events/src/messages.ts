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
  /** Of a repeated header the last one, as with Java's `lastHeader`; one without a value is absent. */
  headers: Readonly<Record<string, Buffer>>;
  /** Finds one header where that is cheaper than reading all of them. */
  header?(name: string): Buffer | undefined;
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
export const headerText = (raw: RawMessage, name: string): string | undefined => header(raw, name)?.toString('utf8');

/** A header's bytes, undefined when absent. */
export const header = (raw: RawMessage, name: string): Buffer | undefined =>
  raw.header === undefined ? raw.headers[name] : raw.header(name);

/** What a consumer needs of a CloudEvent in Kafka's binary mode (CloudEvents 1.0.2, Kafka protocol binding §3.2). */
export interface CloudEvent {
  readonly type: string;
  /** Media type without parameters, in lower case. */
  readonly contentType: string;
}

/** Read last: the messages of a fetch share the Buffers of headers that say the same. */
let last: { version: Buffer | undefined; type: Buffer; contentType: Buffer; event: CloudEvent } | undefined;

/** The attributes from the headers, or `MISSING_HEADER` naming the first one absent or empty. */
export function readCloudEvent(raw: RawMessage): CloudEvent | Rejected {
  for (const name of ['ce_id', 'ce_source']) if (isEmpty(header(raw, name))) return rejected(raw, 'MISSING_HEADER', name);
  const type = header(raw, 'ce_type');
  if (isEmpty(type)) return rejected(raw, 'MISSING_HEADER', 'ce_type');
  const contentType = header(raw, 'content-type');
  if (isEmpty(contentType)) return rejected(raw, 'MISSING_HEADER', 'content-type');
  const version = header(raw, 'ce_specversion');
  if (last !== undefined && last.type === type && last.contentType === contentType && last.version === version) return last.event;
  // The contract names the headers a producer must set; a client library adds the version, a hand-made message may not.
  if ((version?.toString() ?? '1.0') !== '1.0') return rejected(raw, 'INVALID_FIELD', 'ce_specversion');
  const event = { type: type.toString(), contentType: mediaType(contentType.toString()) };
  last = { version, type, contentType, event };
  return event;
}

const isEmpty = (value: Buffer | undefined): value is undefined => value === undefined || value.length === 0;

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
