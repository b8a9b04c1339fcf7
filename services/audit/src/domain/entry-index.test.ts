import { deriveId, newId, sha256 } from '@bankcrm/kernel';
import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { describe, expect, it } from 'vitest';
import { indexOf } from './entry-index.ts';

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
});
