import { deriveId, newId, sha256 } from '@bankcrm/kernel';
import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexByDecoding, indexOf } from './entry-index.ts';
import { quickIndexOf } from './entry-reader.ts';

const bytesOf = (entry: Partial<Entry>): Buffer => Buffer.from(Entry.encode(Entry.fromPartial(entry)).finish());
const staffId = newId();
const customerId = newId();
const full: Entry = {
  entryId: newId(),
  service: 'customer',
  number: 12_345_678_901n,
  eventTime: new Date('2026-11-30T01:02:03.456Z'),
  actor: `staff/${staffId}`,
  operation: 'bankcrm.customer.v1.Customers/RevealFields',
  customer: `customers/${customerId}`,
  resource: 'interactions/1',
  decision: Decision.REFUSED,
  reason: 'CALL_BACK',
  callerAddress: '203.0.113.7',
  traceId: 'a'.repeat(32),
  oldValueHash: Buffer.alloc(32, 1),
  newValueHash: Buffer.alloc(32, 200),
  highPrivilege: true,
  count: 70_000n,
  queryHash: Buffer.alloc(32, 3),
  peerAddress: '10.0.0.9',
  fields: [
    { name: 'phone', dataClass: DataClass.C2_IDENTIFYING },
    { name: 'holdings.balance', dataClass: DataClass.C2_FINANCIAL },
  ],
  onBehalfOf: `staff/${staffId}`,
  approval: 'approvals/1',
  jobRun: 'jobRuns/1',
};

describe('the columns of an entry', () => {
  it('say what the entry says', () => {
    expect(indexOf(bytesOf(full))).toEqual({
      entryId: full.entryId,
      service: 'customer',
      number: 12_345_678_901n,
      eventTime: new Date('2026-11-30T01:02:03.456Z'),
      actor: `staff/${staffId}`,
      operation: 'bankcrm.customer.v1.Customers/RevealFields',
      customerId,
      decision: 2,
      reason: 'CALL_BACK',
      highPrivilege: true,
      identifying: true,
      financial: true,
      readable: true,
    });
  });

  it.each([
    ['rubbish', Buffer.from('rubbish')],
    ['nothing', Buffer.alloc(0)],
    ['an id that is none', bytesOf({ ...full, entryId: 'x' })],
    ['a text that no index holds', bytesOf({ ...full, reason: 'R'.repeat(501) })],
    ['a NUL in a text', bytesOf({ ...full, actor: 'staff/\0' })],
    ['an entry that was cut off', bytesOf(full).subarray(0, -1)],
  ])('find %s as what cannot be read', (_, bytes) => {
    expect(indexOf(bytes)).toMatchObject({
      readable: false,
      entryId: deriveId('received', sha256(bytes).toString('hex')),
      actor: '',
      number: 0n,
    });
  });

  it('are read without decoding from an entry that a service writes', () => {
    expect(quickIndexOf(bytesOf(full))).toEqual(indexByDecoding(bytesOf(full)));
    expect(quickIndexOf(bytesOf({ ...full, fields: [], customer: '', eventTime: undefined }))).toBeDefined();
  });

  it('are what decoding gives, whatever the bytes', () => {
    // Mostly what services write; now and then what they do not.
    const mostly = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) =>
      fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: odd });
    const text = mostly(
      fc.constantFrom(
        full.actor,
        full.customer,
        full.operation,
        `customers/${customerId}/x`,
        `customers/${customerId.toUpperCase()}`,
      ),
      fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ minLength: 130, maxLength: 600 })),
    );
    const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
    const number = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const some = fc.record(
      {
        entryId: mostly(fc.uuid(), fc.constant('no id')),
        service: text,
        number: mostly(fc.bigInt({ min: 0n, max: 2n ** 50n }), number),
        eventTime: mostly(
          fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }),
          fc.date({ noInvalidDate: true }),
        ),
        actor: text,
        operation: text,
        customer: text,
        resource: text,
        decision: mostly(fc.constantFrom(0, 1, 2), fc.integer()),
        reason: text,
        callerAddress: text,
        oldValueHash: bytes,
        highPrivilege: fc.boolean(),
        count: mostly(fc.bigInt({ min: 0n, max: 2n ** 40n }), number),
        queryHash: bytes,
        peerAddress: text,
        fields: fc.array(fc.record({ name: text, dataClass: mostly(fc.integer({ min: 0, max: 4 }), fc.integer()) }), {
          maxLength: 4,
        }),
        jobRun: text,
      },
      { requiredKeys: ['entryId'] },
    );
    // What is said twice, unknown fields, lost and changed bytes: a reader of the wire format meets them all.
    const received = fc
      .tuple(
        some,
        some,
        mostly(fc.constant<[number, number][]>([]), fc.array(fc.tuple(fc.nat(1_200), fc.nat(255)), { maxLength: 3 })),
        mostly(fc.constant(0), fc.nat(40)),
        fc.boolean(),
      )
      .map(([one, other, changes, cut, isDouble]) => {
        const written = Buffer.concat([bytesOf(one as Partial<Entry>), ...(isDouble ? [bytesOf(other as Partial<Entry>)] : [])]);
        for (const [at, value] of changes) if (at < written.length) written[at] = value;
        return cut > 30 ? written.subarray(0, -(cut - 30)) : written;
      });
    let quickly = 0;
    fc.assert(
      fc.property(received, (one) => {
        const quick = quickIndexOf(one);
        if (quick === undefined) return;
        quickly += 1;
        expect(quick).toEqual(indexByDecoding(one));
      }),
      { numRuns: 400 },
    );
    expect(quickly).toBeGreaterThan(100);
  });
});
