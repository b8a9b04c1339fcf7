import { Decision, type Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Refusal } from '../grpc-server.ts';
import { openLog } from '../log.ts';
import { RefusalLog } from './refusal-log.ts';

const refusal = (over: Partial<Refusal> = {}): Refusal => ({
  actor: 'staff/1',
  operation: 'Customers/GetCustomer',
  resource: '',
  reason: 'PERMISSION_MISSING',
  callerAddress: '10.0.0.1',
  peerAddress: '10.0.0.9',
  traceId: 't',
  highPrivilege: false,
  ...over,
});

describe('the log of refusals', () => {
  let now: Date;
  let written: Entry[];
  let broken: boolean;
  let log: RefusalLog;

  beforeEach(() => {
    now = new Date('2026-03-01T08:00:00Z');
    written = [];
    broken = false;
    log = new RefusalLog({
      service: 'customer',
      clock: { now: () => now },
      log: openLog('test', 'silent'),
      write: async (entries) => {
        if (broken) throw new Error('database is away');
        written.push(...entries);
      },
      singlesPerMinute: 3,
      maxKinds: 5,
    });
  });
  afterEach(() => log.stop());

  const nextMinute = async (): Promise<void> => {
    now = new Date(now.getTime() + 60_000);
    await log.flush();
  };
  const total = () => written.reduce((sum, entry) => sum + entry.count, 0n);

  it('tells callers without an actor apart by their address, and sums what each stands for', async () => {
    const nobody = { actor: '', reason: 'INVALID_TOKEN' };
    for (let count = 0; count < 5; count += 1) log.record(refusal({ ...nobody, callerAddress: '203.0.113.7' }));
    log.record(refusal({ ...nobody, callerAddress: '203.0.113.8', count: 40n }));
    await nextMinute();
    expect(written.map(({ callerAddress, count }) => [callerAddress, count])).toEqual([
      ['203.0.113.7', 1n],
      ['203.0.113.7', 1n],
      ['203.0.113.7', 1n],
      ['203.0.113.7', 2n],
      ['203.0.113.8', 40n],
    ]);
  });

  it('records a refusal with who, what, why and from where', async () => {
    log.record(refusal({ highPrivilege: true }));
    await log.flush();
    expect(written).toMatchObject([
      {
        service: 'customer',
        actor: 'staff/1',
        operation: 'Customers/GetCustomer',
        reason: 'PERMISSION_MISSING',
        callerAddress: '10.0.0.1',
        peerAddress: '10.0.0.9',
        traceId: 't',
        decision: Decision.REFUSED,
        highPrivilege: true,
        count: 1n,
        eventTime: now,
      },
    ]);
  });

  it('records the first like ones of a minute alone, sums the rest, and counts every one', async () => {
    for (let n = 0; n < 100; n += 1) log.record(refusal());
    log.record(refusal({ actor: 'staff/2' }));
    await log.flush();
    expect(written.map(({ actor, count }) => [actor, count])).toEqual([
      ['staff/1', 1n],
      ['staff/1', 1n],
      ['staff/1', 1n],
      ['staff/2', 1n],
    ]);
    await nextMinute();
    expect(written.at(-1)).toMatchObject({ actor: 'staff/1', count: 97n });
    log.record(refusal());
    await log.flush();
    expect(written.at(-1)).toMatchObject({ count: 1n });
    expect(total()).toBe(102n);
  });

  it('records of each what was asked for, and nothing of that with a sum', async () => {
    const hashes = [1, 2, 3, 4, 5].map((byte) => Buffer.alloc(32, byte));
    for (const queryHash of hashes) log.record(refusal({ queryHash }));
    await nextMinute();
    expect(written.map(({ queryHash, count }) => [queryHash, count])).toEqual([
      ...hashes.slice(0, 3).map((hash) => [hash, 1n]),
      [Buffer.alloc(0), 2n],
    ]);
  });

  it('names each of the customers that somebody tries, and sums the tries of each', async () => {
    const customer = (n: number) => `customers/${n}`;
    for (const n of [1, 2])
      for (let time = 0; time < 10; time += 1) log.record(refusal({ resource: `${customer(n)}/holdings/7` }));
    await nextMinute();
    const named = (n: number) => written.filter((entry) => entry.customer === customer(n));
    for (const n of [1, 2]) {
      expect(named(n).map(({ count }) => count)).toEqual([1n, 1n, 1n, 7n]);
      expect(named(n)[3]).toMatchObject({ customer: customer(n), resource: `${customer(n)}/holdings/7` });
    }
  });

  it('hides nobody behind somebody who tries a thousand customers: those beyond the bound are summed without their names', async () => {
    for (let n = 0; n < 1_000; n += 1) log.record(refusal({ resource: `customers/${n}` }));
    log.record(refusal({ actor: 'staff/2', resource: 'customers/7' }));
    await nextMinute();
    expect(total()).toBe(1_001n);
    expect(written.filter(({ actor }) => actor === 'staff/2')).toMatchObject([{ customer: 'customers/7', count: 1n }]);
    const summed = written.find(({ count }) => count > 1n);
    expect(summed).toMatchObject({ actor: 'staff/1', operation: 'Customers/GetCustomer', customer: '', resource: '' });
  });

  it('keeps what could not be written and writes it once the database is back', async () => {
    broken = true;
    for (let n = 0; n < 10; n += 1) log.record(refusal());
    await log.flush();
    await nextMinute();
    expect(written).toEqual([]);
    broken = false;
    await nextMinute();
    expect(total()).toBe(10n);
  });

  it('holds a bounded number of kinds: what goes beyond is counted by its reason, without telling who', async () => {
    for (let n = 0; n < 1_000; n += 1) log.record(refusal({ actor: `staff/${n}` }));
    await log.flush();
    expect(written).toHaveLength(5);
    await nextMinute();
    expect(written).toHaveLength(6);
    expect(written.at(-1)).toMatchObject({ actor: '', operation: '', reason: 'PERMISSION_MISSING', count: 995n });
  });

  it('loses nothing at the end: stopping writes the sums of the running minute', async () => {
    for (let n = 0; n < 10; n += 1) log.record(refusal());
    await log.stop();
    expect(total()).toBe(10n);
  });

  it('does not pile up writes while one takes long', async () => {
    const gate = Promise.withResolvers<void>();
    let writes = 0;
    const slow = new RefusalLog({
      service: 'customer',
      clock: { now: () => now },
      log: openLog('test', 'silent'),
      write: async () => {
        writes += 1;
        await gate.promise;
        throw new Error('database is away');
      },
    });
    slow.record(refusal());
    const flushes = [slow.flush(), slow.flush(), slow.flush()];
    gate.resolve();
    await Promise.all(flushes);
    expect(writes).toBe(1);
    await slow.stop();
  });
});
