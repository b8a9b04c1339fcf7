import { newId } from '@bankcrm/kernel';
import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodedIndexOf, indexOf } from './entry-index.ts';
import { newScan, scanEntry } from './entry-scan.ts';

const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }) },
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', 'a\0b', 'é', 'x'.repeat(500), 'x'.repeat(501)),
);
const uuid = fc.uuid();
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const entries: fc.Arbitrary<Entry> = fc
  .record(
    {
      entryId: fc.oneof({ weight: 8, arbitrary: uuid }, text),
      service: text,
      number: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 40n }), int64),
      eventTime: fc.date({ noInvalidDate: true, min: new Date(-1), max: new Date('+010000-01-01T00:00:00Z') }),
      actor: text,
      operation: text,
      customer: fc.oneof(
        uuid.map((id) => `customers/${id}`),
        text,
      ),
      resource: text,
      decision: fc.constantFrom(0, 1, 2, 3, 200, -1) as fc.Arbitrary<Decision>,
      reason: text,
      callerAddress: text,
      traceId: text,
      oldValueHash: fc.uint8Array({ maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
      highPrivilege: fc.boolean(),
      count: int64,
      fields: fc.array(
        fc.record({ name: text, dataClass: fc.constantFrom(...[0, 1, 2, 3, 4, 9].map((one) => one as DataClass)) }),
        { maxLength: 4 },
      ),
      onBehalfOf: text,
      approval: text,
      jobRun: text,
    },
    { requiredKeys: [] },
  )
  .map((one) => Entry.fromPartial(one));

/** Bytes of an entry with some of them changed, taken out, put in or cut off. */
const mutated = fc
  .tuple(
    entries.map((one) => Buffer.from(Entry.encode(one).finish())),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom('set', 'insert', 'delete', 'cut', 'repeat')), {
      maxLength: 4,
    }),
  )
  .map(([bytes, changes]) =>
    changes.reduce((changed, [where, byte, how]) => {
      const at = where % (changed.length + 1);
      const [before, after] = [changed.subarray(0, at), changed.subarray(at)];
      if (how === 'cut') return Buffer.from(before);
      if (how === 'repeat') return Buffer.concat([changed, after]);
      return Buffer.concat([
        before,
        how === 'delete' ? Buffer.alloc(0) : Buffer.from([byte]),
        how === 'insert' ? after : after.subarray(1),
      ]);
    }, bytes),
  );

describe('an entry read by hand', () => {
  it('is what the decoder of the contract reads, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        expect(indexOf(bytes)).toEqual(decodedIndexOf(bytes));
      }),
      { numRuns: 4_000 },
    );
  });

  it('is read without the decoder when a service wrote it', () => {
    const bytes = Entry.encode(
      Entry.fromPartial({
        entryId: newId(),
        service: 'customer',
        number: 12n,
        eventTime: new Date(),
        actor: `staff/${newId()}`,
        operation: 'bankcrm.customer.v1.Customers/GetCustomer',
        customer: `customers/${newId()}`,
        decision: Decision.ALLOWED,
        queryHash: Buffer.alloc(32, 200),
        count: 1n,
        fields: [{ name: 'phone', dataClass: DataClass.C2_IDENTIFYING }],
      }),
    ).finish();
    expect(scanEntry(bytes, 0, bytes.length, newScan())).toBe(true);
  });
});
