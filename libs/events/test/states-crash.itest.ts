import { inTransaction, nobody } from '@bankcrm/database';
import { testStack } from '@bankcrm/testing';
import type { Child } from '@bankcrm/testing/child.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStates } from '../src/index.ts';
import { openKafka } from '../src/kafka.ts';
import { openCandidate } from '../src/leader/candidate.ts';
import { Fenced, openPublisher } from '../src/leader/publisher.ts';
import { courseOf } from '../src/states/course.ts';
import { insertFeed } from '../src/states/marks.ts';
import { type Bench, eventually, openBench, silent } from './support/bench.ts';
import { startChild } from './support/child.ts';
import { type Collected, collect } from './support/collect.ts';
import { asOfOf, createThings, isBeat, newestOf, raise, raiseOnce, thingsFeed, thingsTopic } from './support/things.ts';

describe('when publishers of newest states die or stall', () => {
  let bench: Bench;
  const children: Child[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  const childStates = (): Child => {
    const child = startChild(bench, 'child-states.ts');
    children.push(child);
    return child;
  };
  const collected = async (): Promise<Collected[]> => {
    const inbox = await collect(bench, thingsTopic);
    closers.push(inbox.close);
    return inbox.messages;
  };
  const states = () => {
    const started = startStates({
      kafka: { brokers: bench.stack.kafka.brokers, clientId: 'states' },
      service: 'customer',
      databaseUrl: bench.urls.worker,
      log: silent,
      topicPrefix: bench.prefix,
      standbyMs: 50,
      everyMs: 20,
      heartbeatEveryMs: 100,
      feeds: [thingsFeed],
    });
    closers.push(() => started.stop());
  };
  const table = async () => {
    const { rows } = await bench.worker.query<{ id: string; value: bigint }>('SELECT id, value FROM thing');
    return Object.fromEntries(rows.map(({ id, value }) => [id, String(value)]));
  };

  beforeEach(async () => {
    bench = await openBench(testStack(), { partitions: 1 });
    await createThings(bench);
    await bench.createTopic(thingsTopic, 3, { 'cleanup.policy': 'compact' });
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    await Promise.all(children.splice(0).map((child) => child.kill()));
    await bench.close();
  });

  it('again and again, what is left in the topic is the table, no key ever went back, and heartbeats have told the truth', async () => {
    const inbox = await collected();
    const committed: { id: string; value: number; time: Date }[] = [];
    let isOver = false;
    closers.push(async () => {
      isOver = true;
    });
    const values = new Map<string, number>();
    /** Each writer has keys of its own, so that it knows what it committed; a third of its transactions are rolled back, some stay open for long. */
    const write = async (writer: number): Promise<void> => {
      for (let round = 0; !isOver; round += 1) {
        const ids = [`w${writer}-${round % 7}`, `w${writer}-${(round * 3) % 20}`];
        const isLost = round % 3 === 2;
        await inTransaction(bench.worker, nobody, async (tx) => {
          await raise(tx, [...new Set(ids)]);
          if (round % 10 === 4) await tx.query('SELECT pg_sleep(0.1)');
          if (isLost) throw new Error('changed my mind');
        }).catch((error: Error) => {
          if (error.message !== 'changed my mind') throw error;
        });
        if (isLost) continue;
        const { rows } = await bench.owner.query<{ now: Date }>(`SELECT date_trunc('milliseconds', clock_timestamp()) AS now`);
        for (const id of new Set(ids)) {
          values.set(id, (values.get(id) ?? 0) + 1);
          committed.push({ id, value: values.get(id)!, time: rows[0]!.now });
        }
      }
    };
    const writers = Promise.all([1, 2, 3].map(write));
    for (let round = 0; round < 3; round += 1) {
      const victim = childStates();
      const standby = childStates();
      const known = inbox.length;
      await eventually(() => expect(inbox.slice(known).filter(isBeat).length).toBeGreaterThan(6), { timeoutMs: 40_000 });
      await Promise.all([victim.kill(), standby.kill()]);
    }
    isOver = true;
    await writers;
    const { rows: end } = await bench.owner.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    states();
    await eventually(() => {
      const late = new Set(
        inbox.flatMap((message) => (isBeat(message) && asOfOf(message) > end[0]!.now ? [message.partition] : [])),
      );
      expect(late).toEqual(new Set([0, 1, 2]));
    });
    expect(newestOf(inbox)).toEqual(await table());

    const sent = new Map<string, { value: number; sequence: bigint }>();
    const missing: object[] = [];
    let beats = 0;
    const partitionOf = new Map(inbox.filter((message) => !isBeat(message)).map(({ key, partition }) => [key, partition]));
    for (const message of inbox) {
      if (isBeat(message)) {
        beats += 1;
        for (const { id, value, time } of committed)
          if (time < asOfOf(message) && partitionOf.get(id) === message.partition && (sent.get(id)?.value ?? 0) < value)
            missing.push({ id, value, time, asOf: asOfOf(message) });
        continue;
      }
      const now = { value: Number(String(message.value)), sequence: BigInt(message.headers.ce_sequence!) };
      const before = sent.get(message.key) ?? { value: 0, sequence: 0n };
      expect(now.value).toBeGreaterThanOrEqual(before.value);
      expect(now.sequence).toBeGreaterThan(before.sequence);
      sent.set(message.key, now);
    }
    expect(missing.slice(0, 3)).toEqual([]);
    expect([beats > 20, committed.length > 100]).toEqual([true, true]);
  }, 180_000);

  it('a slow one that was deposed between reading and sending cannot put an older state behind a newer one', async () => {
    const inbox = await collected();
    await raiseOnce(bench, 'a');
    const service = 'customer';
    const slow = await openCandidate({ databaseUrl: bench.urls.worker, name: 'slow', lock: `bankcrm/states/${service}` });
    expect(await slow.tryLead()).toBe(true);
    const kafka = openKafka({ brokers: bench.stack.kafka.brokers, clientId: 'test' }, silent);
    const publisher = await openPublisher(kafka, `${bench.prefix}${service}-states`);
    closers.push(() => publisher.close());
    let goOn = (): void => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let hasRead = false;
    const course = courseOf(thingsFeed, slow, {
      service,
      log: silent,
      hasTopic: () => true,
      betweenBatches: async () => {},
      async send(topic, messages) {
        hasRead = true;
        await gate;
        await publisher.publish([{ topic: bench.prefix + topic, messages }]);
      },
    });
    await insertFeed(slow.client, thingsFeed.name);
    const turn = expect(course.turn()).rejects.toBeInstanceOf(Fenced);
    await eventually(() => expect(hasRead).toBe(true));
    expect(await bench.cutConnections('slow')).toBe(1);
    await raiseOnce(bench, 'a');
    states();
    await eventually(() => expect(newestOf(inbox)).toEqual({ a: '2' }));
    goOn();
    await turn;
    await raiseOnce(bench, 'b');
    await eventually(() => expect(newestOf(inbox)).toEqual({ a: '2', b: '1' }));
    expect(inbox.filter(({ key }) => key === 'a').map(({ value }) => String(value))).not.toContain('1');
  });

  it('a process that was halted in a turn leaves it to its successor, and sends nothing when it wakes', async () => {
    const inbox = await collected();
    const stalled = childStates();
    await raiseOnce(bench, 'a');
    await eventually(() => expect(newestOf(inbox)).toEqual({ a: '1' }));
    stalled.shut('read');
    await raiseOnce(bench, 'a');
    await eventually(() => expect(stalled.isAt('read')).toBe(true));
    expect(await bench.cutConnections('customer states publisher')).toBe(1);
    await raiseOnce(bench, 'a');
    states();
    await eventually(() => expect(newestOf(inbox)).toEqual({ a: '3' }));
    stalled.open('read');
    // Whether it learns first that its connection is gone or that Kafka takes nothing from it any more.
    await eventually(() => expect(stalled.output()).toMatch(/states publisher (failed|was fenced by its successor)/));
    await raiseOnce(bench, 'b');
    await eventually(() => expect(newestOf(inbox)).toEqual({ a: '3', b: '1' }));
  });
});
