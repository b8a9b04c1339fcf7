import { createRequire, Module } from 'node:module';
import type { RawMessage } from '../messages.ts';

/** The part of kafkajs 2.2.4's class `Decoder` (src/protocol/decoder.js) that is used here. */
interface RecordBytes {
  buffer: Buffer;
  offset: number;
}

export interface BatchContext {
  firstOffset: string;
  firstTimestamp: string;
  maxTimestamp: string;
  /** 1 where the broker's clock counts: then all records have the batch's time. */
  timestampType: number;
  isControlBatch: boolean;
}

/**
 * One record as fetched. kafkajs reads `offset`, `isControlRecord` and `batchContext`; key, value and headers are cut out of the fetched bytes
 * when they are asked for: thousands of records wait while others are written, and what waits should weigh little.
 */
export class FetchedRecord implements RawMessage {
  topic = '';
  partition = -1;
  readonly batchContext: BatchContext;
  readonly #memory: ArrayBufferLike;
  readonly #offsetDelta: number;
  readonly #timestampDelta: number;
  // Places in the memory; a length is negative where there is nothing.
  readonly #keyAt: number;
  readonly #keyLength: number;
  readonly #valueAt: number;
  readonly #valueLength: number;
  readonly #headersAt: number;
  readonly #end: number;

  /** Kafka's message format 2: attributes, time and offset as differences from the batch's, key, value, headers. */
  constructor({ buffer, offset }: RecordBytes, batchContext: BatchContext) {
    this.batchContext = batchContext;
    this.#memory = buffer.buffer;
    // Attributes of a record have no meaning yet.
    const cursor = cursorAt(buffer.buffer, buffer.byteOffset + offset + 1);
    this.#timestampDelta = varInt(cursor);
    this.#offsetDelta = varInt(cursor);
    this.#keyLength = varInt(cursor);
    this.#keyAt = pass(cursor, this.#keyLength);
    this.#valueLength = varInt(cursor);
    this.#valueAt = pass(cursor, this.#valueLength);
    this.#headersAt = cursor.at;
    this.#end = buffer.byteOffset + buffer.length;
  }

  /** The place that it was fetched from, which kafkajs does not tell its decoder. */
  of({ topic, partition }: { topic: string; partition: number }): this {
    this.topic = topic;
    this.partition = partition;
    return this;
  }

  get offset(): bigint {
    return BigInt(this.batchContext.firstOffset) + BigInt(this.#offsetDelta);
  }

  get time(): Date {
    const { timestampType, maxTimestamp, firstTimestamp } = this.batchContext;
    return new Date(timestampType === logAppendTime ? Number(maxTimestamp) : Number(firstTimestamp) + this.#timestampDelta);
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch;
  }

  get key(): Buffer | null {
    return this.#keyLength < 0 ? null : this.#cut(this.#keyAt, this.#keyLength);
  }

  get value(): Buffer | null {
    return this.#valueLength < 0 ? null : this.#cut(this.#valueAt, this.#valueLength);
  }

  get headers(): Readonly<Record<string, Buffer>> {
    const headers = new Headers();
    const cursor = cursorAt(this.#memory, this.#headersAt);
    for (let left = varInt(cursor); left > 0 && cursor.at < this.#end; left -= 1) {
      const nameLength = varInt(cursor);
      const name = this.#cut(pass(cursor, nameLength), nameLength).toString();
      const length = varInt(cursor);
      const at = pass(cursor, length);
      if (length >= 0) headers[name] = this.#cut(at, length);
    }
    return headers;
  }

  /** One of the headers, without reading the others. Records that say the same in an attribute that tends to repeat give the same Buffer. */
  header(name: string): Buffer | undefined {
    const cursor = cursorAt(this.#memory, this.#headersAt);
    let at = 0;
    let length = -1;
    for (let left = varInt(cursor); left > 0 && cursor.at < this.#end; left -= 1) {
      const nameLength = varInt(cursor);
      const nameAt = pass(cursor, nameLength);
      const valueLength = varInt(cursor);
      const valueAt = pass(cursor, valueLength);
      if (valueLength < 0 || nameLength !== name.length || !isText(name, cursor.bytes, nameAt)) continue;
      at = valueAt;
      length = valueLength;
    }
    if (length < 0) return undefined;
    const shared = sharedValues[name];
    if (shared !== undefined && shared.length === length && isSame(shared, cursor.bytes, at)) return shared;
    const value = this.#cut(at, length);
    // A copy: what is kept must not hold on to a whole fetch.
    if (shared !== undefined) sharedValues[name] = Buffer.from(value);
    return value;
  }

  /** Never beyond the record, whatever length it says: what cannot be right is judged by those who read it, message by message. */
  #cut(at: number, length: number): Buffer {
    const start = Math.min(at, this.#end);
    return Buffer.from(this.#memory, start, Math.min(length, this.#end - start));
  }
}

/**
 * Puts a record decoder of ours in the place of kafkajs's, which copies all headers once for each header and computes offsets and times
 * through objects: twice the time that ours takes, for a record with the headers of a CloudEvent. Must run before the first fetch.
 */
export function useOwnRecordDecoder(): void {
  const require = createRequire(import.meta.url);
  const path = require.resolve('kafkajs/src/protocol/recordBatch/record/v0/decoder.js');
  if (require.cache[path]?.exports === decodeRecord) return;
  if (require.cache[require.resolve('kafkajs/src/protocol/recordBatch/v0/decoder.js')] !== undefined)
    throw new Error('kafkajs fetched before its record decoder was replaced');
  // Put there before anybody asks for theirs: instrumentation keeps what the first who asked was given.
  const module = new Module(path);
  require.cache[path] = Object.assign(module, { filename: path, loaded: true, exports: decodeRecord });
  if (require(path) !== decodeRecord) throw new Error('the record decoder of kafkajs could not be replaced');
}

const logAppendTime = 1;

/** What stands in the place of kafkajs's `record/v0/decoder.js`. */
export const decodeRecord = (record: RecordBytes, batch: BatchContext): FetchedRecord => new FetchedRecord(record, batch);

/** No prototype: a header may be called `constructor`. */
const Headers = function headers() {} as unknown as new () => Record<string, Buffer>;
Headers.prototype = Object.create(null);

/** Of attributes that are the same in most messages of a topic, the value seen last. */
const sharedValues: Record<string, Buffer> = Object.assign(Object.create(null), {
  ce_specversion: Buffer.alloc(0),
  ce_source: Buffer.alloc(0),
  ce_type: Buffer.alloc(0),
  'content-type': Buffer.alloc(0),
});

interface Cursor {
  memory: ArrayBufferLike;
  bytes: Uint8Array;
  at: number;
}

/** One for all: records are read one after the other, and those of a fetch share their memory. */
const theCursor: Cursor = { memory: new ArrayBuffer(0), bytes: new Uint8Array(), at: 0 };

function cursorAt(memory: ArrayBufferLike, at: number): Cursor {
  if (theCursor.memory !== memory) {
    theCursor.memory = memory;
    theCursor.bytes = new Uint8Array(memory);
  }
  theCursor.at = at;
  return theCursor;
}

/** Zigzag-coded integer of up to 53 bits: a time difference may be longer than 32. */
function varInt(cursor: Cursor): number {
  const { bytes } = cursor;
  // Nothing stands behind the end of the bytes; a record that is cut off there reads as zeros.
  let byte = bytes[cursor.at++] ?? 0;
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let factor = 1;
  let result = 0;
  while (byte > 0x7f) {
    result += (byte & 0x7f) * factor;
    factor *= 128;
    byte = bytes[cursor.at++] ?? 0;
  }
  result += byte * factor;
  return result % 2 === 0 ? result / 2 : -(result + 1) / 2;
}

/** Where something of this length begins; the cursor goes behind it. */
function pass(cursor: Cursor, length: number): number {
  const { at } = cursor;
  if (length > 0) cursor.at += length;
  return at;
}

function isText(text: string, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) !== bytes[at + index]) return false;
  return true;
}

function isSame(expected: Buffer, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < expected.length; index += 1) if (expected[index] !== bytes[at + index]) return false;
  return true;
}
