import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatchContext, decodeRecord, useOwnRecordDecoder } from './record-decoder.ts';

const require = createRequire(import.meta.url);
const decoderPath = require.resolve('kafkajs/src/protocol/recordBatch/record/v0/decoder.js');
const Decoder = require('kafkajs/src/protocol/decoder.js') as new (buffer: Buffer) => { buffer: Buffer; offset: number };
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (record: object) => { buffer: Buffer };
const theirs = require(decoderPath) as (decoder: object, batch: BatchContext) => Record<string, unknown>;

/** A record's bytes behind its length, as a batch hands them on. */
function bytesOf(record: object): Buffer {
  const whole = new Decoder(encodeRecord(record).buffer) as unknown as { readVarIntBytes(): Buffer };
  return whole.readVarIntBytes();
}

const batch: BatchContext = {
  firstOffset: '9007199254740993',
  firstTimestamp: '1795000000000',
  maxTimestamp: '1795000009999',
  timestampType: 0,
  isControlBatch: false,
};

describe('a record', () => {
  it('is read as kafkajs reads it, whatever its headers, key and place in the batch', () => {
    // kafkajs takes a header called like a property of every object for a repeated one.
    const name = fc.oneof(fc.string(), fc.constantFrom('ce_id', 'content-type')).filter((text) => !(text in {}));
    const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value));
    const record = fc.record({
      offsetDelta: fc.nat({ max: 2 ** 30 }),
      timestampDelta: fc.integer({ min: -1_000_000, max: 1_000_000 }),
      key: fc.option(bytes),
      value: fc.option(bytes),
      headers: fc.dictionary(name, bytes, { noNullPrototype: true }),
    });
    fc.assert(
      fc.property(record, fc.constantFrom(0, 1), (given, timestampType) => {
        const context = { ...batch, timestampType };
        const expected = theirs(new Decoder(bytesOf(given)), context);
        const record = decodeRecord(new Decoder(bytesOf(given)), context);
        const { offset, time, key, value, isControlRecord, batchContext, headers } = record;
        expect(expected).toMatchObject({ offset: String(offset), key, value, isControlRecord, batchContext });
        expect(expected.timestamp).toBe(String(time.getTime()));
        expect({ ...headers }).toEqual(expected.headers);
        const named = Object.keys(given.headers).filter((text) => Buffer.byteLength(text) === text.length);
        for (const text of [...named, 'absent']) expect(record.header(text)).toEqual(headers[text]);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the last of a repeated header, none without a value, and headers named like parts of an object', () => {
    const given = { offsetDelta: 0, key: 'k', value: 'v', headers: { twice: ['1', '2'], ['__proto__']: 'p', constructor: 'c' } };
    const record = decodeRecord(new Decoder(bytesOf(given)), batch);
    const { headers } = record;
    expect(String(record.header('twice'))).toBe('2');
    expect(record.header('toString')).toBeUndefined();
    expect(Object.entries(headers).map(([name, value]) => [name, String(value)])).toEqual([
      ['twice', '2'],
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
    expect(headers.toString).toBeUndefined();
  });

  it('that is cut off anywhere is read to its end, without going round', () => {
    const whole = bytesOf({ offsetDelta: 3, timestampDelta: 5, key: 'key', value: 'value', headers: { a: 'b', ce_type: 'c' } });
    for (let length = 0; length < whole.length; length += 1) {
      const record = decodeRecord(new Decoder(Uint8Array.prototype.slice.call(whole, 0, length) as Buffer), batch);
      expect(record.header('ce_type')?.toString()).not.toBe('c');
    }
  });

  it('shares what repeats with the records before it, until it changes', () => {
    const typeOf = (text: string) =>
      decodeRecord(new Decoder(bytesOf({ offsetDelta: 0, value: 'v', headers: { ce_type: text } })), batch).header('ce_type');
    typeOf('a');
    expect(typeOf('a')).toBe(typeOf('a'));
    expect(String(typeOf('b'))).toBe('b');
    expect(typeOf('b')).toBe(typeOf('b'));
  });

  it('is read by us once kafkajs is told so, and it is too late to tell after a fetch', () => {
    delete require.cache[decoderPath];
    useOwnRecordDecoder();
    expect(require(decoderPath)).toBe(decodeRecord);
    useOwnRecordDecoder();
    delete require.cache[decoderPath];
    require('kafkajs/src/protocol/recordBatch/v0/decoder.js');
    expect(useOwnRecordDecoder).toThrow('before its record decoder was replaced');
  });
});
