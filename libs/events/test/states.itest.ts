import { inTransaction, nobody } from '@bankcrm/database';
import { testStack } from '@bankcrm/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  decoded,
  isHeartbeat,
  type Log,
  republishStates,
  type States,
  type StatesOptions,
  sequenceWithin,
  startConsumer,
  startStates,
} from '../src/index.ts';
import { type Bench, eventually, openBench, silent } from './support/bench.ts';
import { type Collected, collect } from './support/collect.ts';
import { asOfOf, createThings, isBeat, newestOf, raise, raiseOnce, thingsFeed, thingsTopic } from './support/things.ts';

describe('the publisher of newest states', () => {
  let bench: Bench;
  const closers: (() => Promise<unknown>)[] = [];
  const said: string[] = [];
  const note = (_: object, message: string) => void said.push(message);
  const log: Log = { ...silent, info: note, warn: note, error: note };
  const publish = (overrides: Partial<StatesOptions> = {}): States => {
    const started = startStates({
      kafka: { brokers: bench.stack.kafka.brokers, clientId: 'states' },
      service: 'customer',
      databaseUrl: bench.urls.worker,
      log,
      topicPrefix: bench.prefix,
      standbyMs: 50,
      everyMs: 20,
      heartbeatEveryMs: 100,
      feeds: [thingsFeed],
      ...overrides,
    });
    closers.push(() => started.stop());
    return started;
  };
  const collected = async (topic = thingsTopic): Promise<Collected[]> => {
    const inbox = await collect(bench, topic);
    closers.push(inbox.close);
    return inbox.messages;
  };
  const states = (inbox: readonly Collected[]) => inbox.filter((message) => !isBeat(message));
  const sequences = (inbox: readonly Collected[]) => states(inbox).map(({ headers }) => BigInt(headers.ce_sequence!));
  const raiseEpoch = () => bench.worker.query('UPDATE events.epoch SET epoch = epoch + 1');

  beforeEach(async () => {
    said.length = 0;
    bench = await openBench(testStack(), { partitions: 1 });
    await createThings(bench);
    await bench.createTopic(thingsTopic, 3, { 'cleanup.policy': 'compact' });
  });
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
    await bench.close();
  });

  it('sends a thousand changes of one key as a few messages, the last with the newest state', async () => {
    for (let change = 0; change < 1_000; change += 1) await raiseOnce(bench, 'a');
    publish();
    const inbox = await collected();
    await eventually(async () => expect(await bench.count('events.state_mark')).toBe(0));
    await eventually(() => expect(newestOf(inbox)).toEqual({ a: '1000' }));
    // One of the marks, and one of the first start, which sends all there is.
    expect(states(inbox).length).toBeLessThanOrEqual(2);
    expect(states(inbox)[0]!.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_source: '/bankcrm/customer',
      ce_type: 'test.Thing',
      ce_subject: 'things/a',
      'content-type': 'application/protobuf',
    });
  });

  it('sends what commits after transactions that began later, and nothing of what was rolled back', async () => {
    publish();
    const inbox = await collected();
    const slow = await bench.request.connect();
    await slow.query('BEGIN');
    await raise(slow, ['slow']);
    const lost = inTransaction(bench.request, nobody, async (tx) => {
      await raise(tx, ['lost']);
      throw new Error('changed my mind');
    });
    await expect(lost).rejects.toThrow('changed my mind');
    await raiseOnce(bench, 'quick');
    await eventually(() => expect(newestOf(inbox)).toEqual({ quick: '1' }));
    await slow.query('COMMIT');
    slow.release();
    await eventually(() => expect(newestOf(inbox)).toEqual({ quick: '1', slow: '1' }));
  });

  it('gives sequences above every version there was, growing with each turn', async () => {
    publish();
    const inbox = await collected();
    for (let change = 1; change <= 3; change += 1) {
      await raiseOnce(bench, 'a');
      await eventually(() => expect(newestOf(inbox)).toEqual({ a: String(change) }));
    }
    const given = sequences(inbox);
    expect(given).toEqual([...new Set(given)].sort((a, b) => (a < b ? -1 : 1)));
    expect(given[0]).toBeGreaterThan(2n ** 32n);
    expect(given.at(-1)).toBeLessThan(2n ** 40n);
    expect(sequenceWithin(3n * 2n ** 40n + 17n, 5n)).toBe(3n * 2n ** 40n + 5n);
  });

  it('sends everything again with higher sequences after a restore, and promises nothing before that is done', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `t${index}`);
    await raiseOnce(bench, ...ids);
    const first = publish();
    const inbox = await collected();
    await eventually(() => expect([Object.keys(newestOf(inbox)).length, inbox.some(isBeat)]).toEqual([120, true]));
    await first.stop();
    await raiseEpoch();
    const { rows } = await bench.worker.query<{ now: Date }>('SELECT clock_timestamp() AS now');
    const before = inbox.length;
    publish();
    const again = () => inbox.slice(before);
    const later = (message: Collected) => isBeat(message) && asOfOf(message) > rows[0]!.now;
    await eventually(() => expect(again().some(later)).toBe(true));
    const sent = again().slice(0, again().findIndex(later));
    await eventually(() => expect(new Set(states(again()).map(({ key }) => key))).toEqual(new Set(ids)));
    expect(sequences(again()).every((sequence) => sequence > 2n ** 40n)).toBe(true);
    // On the partition of the promise nothing is missing.
    const { partition } = again().find(later)!;
    const there = (messages: readonly Collected[]) =>
      new Set(states(messages).flatMap((message) => (message.partition === partition ? [message.key] : [])));
    expect(there(sent)).toEqual(there(inbox));
    expect(said.filter((text) => text === 'all states are published again').length).toBe(2);
  });

  it('sends everything again when a person asks, with higher sequences, and goes on to promise', async () => {
    await raiseOnce(bench, 'a', 'b');
    publish();
    const inbox = await collected();
    await eventually(() => expect([newestOf(inbox), inbox.some(isBeat)]).toEqual([{ a: '1', b: '1' }, true]));
    const highest = sequences(inbox)
      .sort((a, b) => (a < b ? -1 : 1))
      .at(-1)!;
    const before = inbox.length;
    await expect(republishStates(bench.urls.worker, 'nothing')).rejects.toThrow('which feed? One of things');
    expect(await republishStates(bench.urls.worker, 'things')).toEqual(['things']);
    await eventually(() => expect(Object.keys(newestOf(inbox.slice(before))).sort()).toEqual(['a', 'b']));
    for (const sequence of sequences(inbox.slice(before))) expect(sequence).toBeGreaterThan(highest);
    await eventually(() => expect(said.filter((text) => text === 'all states are marked to be published').length).toBe(2));
  });

  it('a feed that cannot be read holds up no other, and is sent once it can', async () => {
    await bench.createTopic('others', 1);
    let isBroken = true;
    const broken = {
      ...thingsFeed,
      read: (...asked: Parameters<typeof thingsFeed.read>) =>
        isBroken ? Promise.reject(new Error('no such column')) : thingsFeed.read(...asked),
    };
    const started = publish({ feeds: [broken, { ...thingsFeed, name: 'others', topic: 'others' }] });
    await raiseOnce(bench, 'a');
    const [things, others] = [await collected(), await collected('others')];
    await eventually(() => expect([newestOf(others), started.isHealthy()]).toEqual([{ a: '1' }, false]));
    expect(newestOf(things)).toEqual({});
    isBroken = false;
    await eventually(() => expect([newestOf(things), started.isHealthy()]).toEqual([{ a: '1' }, true]));
  });

  it('has heartbeats on partitions that a topic is given later', async () => {
    publish();
    const inbox = await collected();
    const partitions = (messages: readonly Collected[]) => new Set(messages.filter(isBeat).map(({ partition }) => partition));
    await eventually(() => expect(partitions(inbox)).toEqual(new Set([0, 1, 2])));
    await bench.admin.createPartitions({ topicPartitions: [{ topic: bench.prefix + thingsTopic, count: 5 }] });
    await eventually(() =>
      bench.admin.fetchTopicOffsets(bench.prefix + thingsTopic).then((found) => expect(found.length).toBe(5)),
    );
    const later = await collected();
    await eventually(() => expect(partitions(later)).toEqual(new Set([0, 1, 2, 3, 4])));
    expect(new Set(later.filter(isBeat).map(({ key, partition }) => key === `heartbeat/${partition}`))).toEqual(new Set([true]));
  });

  it('a consumer that ignores heartbeats goes past them, and applies and keeps none', async () => {
    publish();
    await raiseOnce(bench, 'a');
    const applied: string[] = [];
    const consumer = startConsumer({
      ...bench.options(),
      topics: [thingsTopic],
      ignore: isHeartbeat,
      decode: (raw) => decoded(raw, String(raw.key)),
      async apply(_tx, items) {
        applied.push(...items.map(({ value }) => value));
        return [];
      },
    });
    closers.push(() => consumer.stop());
    await eventually(async () => {
      const taken = await bench.nextOffsets();
      expect(taken.length === 3 && taken.every((next) => next > 5n)).toBe(true);
    });
    expect(new Set(applied)).toEqual(new Set(['a']));
    expect(await bench.count('events.dead_letter')).toBe(0);
  });

  it('takes a small part of the time while something has the right of way', async () => {
    let readingMs = 0;
    const slow = {
      ...thingsFeed,
      async read(...asked: Parameters<typeof thingsFeed.read>) {
        const start = performance.now();
        await asked[0].query('SELECT pg_sleep(0.05)');
        readingMs += performance.now() - start;
        return thingsFeed.read(...asked);
      },
    };
    publish({ feeds: [slow], yieldTo: () => true });
    const start = performance.now();
    await eventually(async () => {
      await raiseOnce(bench, 'a');
      expect(readingMs).toBeGreaterThan(250);
    });
    expect(readingMs / (performance.now() - start)).toBeLessThan(1 / 5);
  });
});
