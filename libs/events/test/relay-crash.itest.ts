import { inTransaction, nobody } from '@bankcrm/database';
import { testStack } from '@bankcrm/testing';
import type { Child } from '@bankcrm/testing/child.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendToOutbox, type OutboxEvent, startRelay } from '../src/index.ts';
import { openKafka } from '../src/kafka.ts';
import { Fenced, openPublisher } from '../src/leader/publisher.ts';
import { auditTopic } from '../src/outbox/sweep.ts';
import { type Bench, eventually, openBench, silent } from './support/bench.ts';
import { decodeBooking, headersOf } from './support/booking.ts';
import { startChild } from './support/child.ts';
import { collect } from './support/collect.ts';
import { auditEntry, event } from './support/outbox-events.ts';

describe('when a relay dies or stalls', () => {
  let bench: Bench;
  const children: Child[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    bench = await openBench(testStack(), { partitions: 1 });
    await bench.createTopic(auditTopic, 1);
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    await Promise.all(children.splice(0).map((child) => child.kill()));
    await bench.close();
  });
  const childRelay = (): Child => {
    const child = startChild(bench, 'child-relay.ts');
    children.push(child);
    return child;
  };
  const relay = () => {
    const started = startRelay({
      kafka: { brokers: bench.stack.kafka.brokers, clientId: 'relay' },
      service: 'customer',
      databaseUrl: bench.urls.worker,
      log: silent,
      topicPrefix: bench.prefix,
      standbyMs: 50,
    });
    closers.push(() => started.stop());
    return started;
  };
  const append = (events: OutboxEvent[]) => inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, events));
  const collected = async (topic: string) => {
    const inbox = await collect(bench, topic);
    closers.push(inbox.close);
    return inbox.messages;
  };
  /** Lets rows be read, numbered and sent, but not deleted: a relay stands still between Kafka's acknowledgement and its own mark. */
  const keepRows = async () => {
    const client = await bench.owner.connect();
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM events.outbox FOR KEY SHARE');
    return async () => {
      await client.query('ROLLBACK');
      client.release();
    };
  };

  it('after sending and before marking, consumers see one effect and a resent audit entry carries the same number', async () => {
    const booked = Array.from({ length: 20 }, (_, index) =>
      event({ payload: Buffer.from(JSON.stringify({ id: `b${index}`, account: 'a', amount: 1 })) }),
    );
    await append([...booked, auditEntry(), auditEntry()]);
    const release = await keepRows();
    const victim = childRelay();
    const sent = await collected('bookings');
    const entries = await collected(auditTopic);
    await eventually(() => expect([sent.length, entries.length]).toEqual([20, 2]));
    await victim.kill();
    // A dead client's statement would still run on the server once the rows are free.
    expect(await bench.cutConnections('customer outbox relay')).toBe(1);
    await release();
    expect(await bench.count('events.outbox')).toBe(22);
    // The events say JSON only to the consumer of this test.
    bench.consume({
      decode: ({ topic, partition, offset, time, key, value, headers }) => {
        const json = { ...headers, 'content-type': Buffer.from(headersOf('')['content-type']!) };
        return decodeBooking({ topic, partition, offset, time, key, value, headers: json });
      },
    });
    relay();
    await eventually(() => expect([sent.length, entries.length]).toEqual([40, 4]));
    await eventually(async () => expect(await bench.nextOffsets().then(([next]) => Number(next))).toBeGreaterThanOrEqual(41));
    expect(await bench.balances()).toEqual({ a: 20 });
    expect(await bench.count('events.outbox')).toBe(0);
    const numbers = new Map(entries.map(({ headers }) => [headers.ce_id, headers.bankcrm_entry_number]));
    expect([...numbers.values()]).toEqual(['1', '2']);
    expect(entries.map(({ headers }) => headers.bankcrm_entry_number)).toEqual(['1', '2', '1', '2']);
    expect(entries[2]!.value.equals(entries[0]!.value)).toBe(true);
  });

  it('again and again, every event still arrives, in order of its first arrival, and numbers have no gap', async () => {
    const entries = await collected(auditTopic);
    let appended = 0;
    for (let round = 0; round < 4; round += 1) {
      const victim = childRelay();
      const target = appended + 40;
      for (; appended < target; appended += 1) await append([auditEntry()]);
      await eventually(() => expect(entries.length).toBeGreaterThan(target - 40));
      await victim.kill();
    }
    relay();
    await eventually(async () => expect(await bench.count('events.outbox')).toBe(0));
    await eventually(() => {
      const numbers = new Set(entries.map(({ headers }) => Number(headers.bankcrm_entry_number)));
      expect([...numbers]).toEqual(Array.from({ length: 160 }, (_, index) => index + 1));
    });
    const byId = Map.groupBy(entries, ({ headers }) => headers.ce_id);
    expect(byId.size).toBe(160);
    for (const copies of byId.values()) expect(new Set(copies.map(({ headers }) => headers.bankcrm_entry_number)).size).toBe(1);
  });

  it('Kafka takes nothing more from its producer once a successor has opened one', async () => {
    const open = () =>
      openPublisher(openKafka({ brokers: bench.stack.kafka.brokers, clientId: 'test' }, silent), `${bench.prefix}fence`);
    const message = (text: string) => [{ topic: bench.prefix + bench.topic, messages: [{ key: 'a', value: text }] }];
    const zombie = await open();
    closers.push(() => zombie.close());
    await zombie.publish(message('before'));
    const successor = await open();
    closers.push(() => successor.close());
    await expect(zombie.publish(message('zombie'))).rejects.toBeInstanceOf(Fenced);
    await successor.publish(message('after'));
    const inbox = await collected('bookings');
    await eventually(() => expect(inbox.map(({ value }) => value.toString())).toEqual(['before', 'after']));
  });

  it('a stalled leader whose lock was taken sends nothing more when it wakes', async () => {
    const stalled = childRelay();
    const first = event();
    await append([first]);
    const inbox = await collected('bookings');
    await eventually(() => expect(inbox.length).toBe(1));
    // Stopped between sending and deleting, it would leave the row to its successor, who may send it once more.
    await eventually(async () => expect(await bench.count('events.outbox')).toBe(0));
    stalled.process.kill('SIGSTOP');
    expect(await bench.cutConnections('customer outbox relay')).toBe(1);
    const successor = relay();
    const second = event();
    await append([second]);
    await eventually(() => expect(inbox.length).toBe(2));
    expect(successor.isLeader()).toBe(true);
    stalled.process.kill('SIGCONT');
    await eventually(() => expect(stalled.output()).toContain('outbox relay failed'));
    const third = event();
    await append([third]);
    await eventually(() => expect(inbox.map(({ headers }) => headers.ce_id)).toEqual([first.id, second.id, third.id]));
    expect(successor.isLeader()).toBe(true);
  });
});
