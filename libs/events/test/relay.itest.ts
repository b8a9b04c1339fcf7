import { inTransaction, nobody } from '@bankcrm/database';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { testStack } from '@bankcrm/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendToOutbox, type Log, type Relay, startRelay } from '../src/index.ts';
import { auditTopic } from '../src/outbox/sweep.ts';
import { type Bench, eventually, openBench, silent } from './support/bench.ts';
import { testSealer } from './support/booking.ts';
import { collect } from './support/collect.ts';
import { auditEntry, event } from './support/outbox-events.ts';

describe('the outbox relay', () => {
  let bench: Bench;
  const relays: Relay[] = [];
  const problems: string[] = [];
  const note = (_: object, message: string) => void problems.push(message);
  const log: Log = { ...silent, warn: note, error: note };
  const relay = (overrides = {}): Relay => {
    const started = startRelay({
      kafka: { brokers: bench.stack.kafka.brokers, clientId: 'relay' },
      service: 'customer',
      databaseUrl: bench.urls.worker,
      log,
      topicPrefix: bench.prefix,
      standbyMs: 50,
      ...overrides,
    });
    relays.push(started);
    return started;
  };
  beforeEach(async () => {
    bench = await openBench(testStack(), { partitions: 1 });
    await bench.createTopic(auditTopic, 1);
    problems.length = 0;
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((started) => started.stop()));
    await bench.close();
  });

  it('sends what waited sealed in the clear, and nothing of it before', async () => {
    const sealer = testSealer();
    const secret = { ...event({}), payload: Buffer.from('110105194912310021') };
    await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, [{ ...secret, sealer }, event({})]));
    const { rows } = await bench.worker.query<{ payload: Buffer }>('SELECT payload FROM events.outbox ORDER BY position');
    expect(rows.map(({ payload }) => payload.includes(secret.payload))).toEqual([false, false]);
    relay({ sealer });
    const inbox = await collect(bench, 'bookings');
    await eventually(() => expect(inbox.messages.map(({ value }) => value)).toEqual([secret.payload, Buffer.from('payload')]));
  });

  it('publishes what was committed as CloudEvents in the order of insertion, and empties the outbox', async () => {
    const events = [event({ sequence: 1n }), event({ sequence: 2n }), event({ sequence: 3n })];
    await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, events));
    relay();
    const inbox = await collect(bench, 'bookings');
    await eventually(() => expect(inbox.messages.length).toBe(3));
    expect(inbox.messages.map((message) => message.headers.ce_id)).toEqual(events.map(({ id }) => id));
    expect(inbox.messages[2]).toMatchObject({
      key: 'c1',
      value: Buffer.from('payload'),
      headers: {
        ce_specversion: '1.0',
        ce_source: '/bankcrm/customer',
        ce_type: 'bankcrm.customer.v1.CustomerChanged',
        ce_time: '2026-03-01T08:00:00.123Z',
        ce_subject: 'customers/c1',
        ce_sequence: '3',
        'content-type': 'application/protobuf',
      },
    });
    await eventually(async () => expect(await bench.count('events.outbox')).toBe(0));
    await inbox.close();
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    relay();
    const lost = inTransaction(bench.request, nobody, async (tx) => {
      await appendToOutbox(tx, [event()]);
      throw new Error('changed my mind');
    });
    await expect(lost).rejects.toThrow('changed my mind');
    const kept = event();
    await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, [kept]));
    const inbox = await collect(bench, 'bookings');
    await eventually(() => expect(inbox.messages.map((message) => message.headers.ce_id)).toEqual([kept.id]));
    await inbox.close();
  });

  it('loses no event whose transaction commits after events with higher positions were sent', async () => {
    relay();
    const inbox = await collect(bench, 'bookings');
    const late = event();
    const early = event();
    const slow = await bench.request.connect();
    await slow.query('BEGIN');
    await appendToOutbox(slow, [late]);
    await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, [early]));
    await eventually(() => expect(inbox.messages.map((message) => message.headers.ce_id)).toEqual([early.id]));
    await slow.query('COMMIT');
    slow.release();
    await eventually(() => expect(inbox.messages.map((message) => message.headers.ce_id)).toEqual([early.id, late.id]));
    await inbox.close();
  });

  it('numbers audit entries from 1 without gaps, in header and payload, across rollbacks and relays', async () => {
    relay();
    const inbox = await collect(bench, auditTopic);
    for (let round = 0; round < 5; round += 1) {
      const lost = inTransaction(bench.request, nobody, async (tx) => {
        await appendToOutbox(tx, [auditEntry()]);
        throw new Error('rolled back');
      });
      await expect(lost).rejects.toThrow('rolled back');
      await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, [auditEntry(), auditEntry(), event()]));
      if (round === 2) {
        await relays.splice(0)[0]!.stop();
        relay();
      }
    }
    await eventually(() => expect(inbox.messages.length).toBe(10));
    const expected = Array.from({ length: 10 }, (_, index) => index + 1);
    expect(inbox.messages.map((message) => Number(message.headers.bankcrm_entry_number))).toEqual(expected);
    const entries = inbox.messages.map((message) => Entry.decode(message.value));
    expect(entries.map((entry) => Number(entry.number))).toEqual(expected);
    expect(entries[0]).toMatchObject({
      entryId: inbox.messages[0]!.headers.ce_id,
      operation: 'test',
      customer: 'customers/c1',
    });
    await inbox.close();
  });

  it('has one leader; the standby takes over when the leader stops', async () => {
    const first = relay();
    await eventually(() => expect(first.isLeader()).toBe(true));
    const second = relay();
    const inbox = await collect(bench, 'bookings');
    await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, [event()]));
    await eventually(() => expect(inbox.messages.length).toBe(1));
    expect(second.isLeader()).toBe(false);
    await first.stop();
    expect(problems).toEqual([]);
    await eventually(() => expect(second.isLeader()).toBe(true));
    await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, [event()]));
    await eventually(() => expect(inbox.messages.length).toBe(2));
    await inbox.close();
  });

  it('stands by on one connection', async () => {
    const leader = relay();
    await eventually(() => expect(leader.isLeader()).toBe(true));
    relay({ standbyMs: 20 });
    const triesByConnection = new Map<number, Set<number>>();
    await eventually(async () => {
      const { rows } = await bench.worker.query<{ pid: number; query_start: Date }>(
        `SELECT pid, query_start FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'customer outbox relay' AND query LIKE '%pg_try_advisory_lock%'`,
      );
      for (const { pid, query_start } of rows)
        triesByConnection.set(pid, (triesByConnection.get(pid) ?? new Set()).add(query_start.getTime()));
      expect(Math.max(0, ...[...triesByConnection.values()].map((tries) => tries.size))).toBeGreaterThan(3);
    });
    expect(problems).toEqual([]);
  });

  it('stands by again after its connection was cut', async () => {
    const leader = relay();
    await eventually(() => expect(leader.isLeader()).toBe(true));
    const second = relay();
    await eventually(async () => expect(await bench.cutConnections('customer outbox relay')).toBe(2));
    await eventually(() => expect([leader.isLeader(), second.isLeader()].filter(Boolean)).toHaveLength(1));
    await eventually(() => expect([leader.isHealthy(), second.isHealthy()]).toEqual([true, true]));
  });

  it('leads again after its connection, and with it the lock, was cut', async () => {
    const only = relay();
    await eventually(() => expect(only.isLeader()).toBe(true));
    expect(await bench.cutConnections('customer outbox relay')).toBe(1);
    const inbox = await collect(bench, 'bookings');
    await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, [event()]));
    await eventually(() => expect(inbox.messages.length).toBe(1));
    await eventually(() => expect(only.isHealthy()).toBe(true));
    await inbox.close();
  });

  it('sends more in one sweep than one record batch may hold', async () => {
    const big = Array.from({ length: 8 }, () => event({ payload: Buffer.alloc(1_000_000, 'x') }));
    for (const one of big) await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, [one]));
    const small = Array.from({ length: 2_000 }, () => event());
    await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, small));
    relay();
    const inbox = await collect(bench, 'bookings');
    await eventually(() => expect(inbox.messages.length).toBe(2_008));
    expect(inbox.messages.map((message) => message.headers.ce_id)).toEqual([...big, ...small].map(({ id }) => id));
    expect(problems).toEqual([]);
    await inbox.close();
  });

  it('takes an event from another SQL function in the same round trip', async () => {
    const { id, time, payload } = event();
    await bench.request.query(
      `SELECT events.append_outbox($1, 'customer', 'c1', 'test.Viewed', 'bookings', 'c1', $2, '{}', 'customers/c1', NULL, $3)`,
      [id, payload, time],
    );
    relay();
    const inbox = await collect(bench, 'bookings');
    await eventually(() =>
      expect(inbox.messages[0]?.headers).toMatchObject({ ce_id: id, ce_type: 'test.Viewed', ce_subject: 'customers/c1' }),
    );
    await inbox.close();
  });
});
