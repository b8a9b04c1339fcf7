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
  const marked = () => said.filter((text) => text === 'all states are marked to be published').length;
  const now = async (): Promise<Date> => (await bench.owner.query<{ now: Date }>('SELECT clock_timestamp() AS now')).rows[0]!.now;
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
    const ids = Array.from({ length: 1_200 }, (_, index) => `t${index}`);
    await raiseOnce(bench, ...ids);
    const first = publish();
    const inbox = await collected();
    await eventually(() => expect([Object.keys(newestOf(inbox)).length, inbox.some(isBeat)]).toEqual([1_200, true]));
    await first.stop();
    await raiseEpoch();
    const restored = await now();
    const before = inbox.length;
    publish();
    const again = () => inbox.slice(before);
    const later = (message: Collected) => isBeat(message) && asOfOf(message) > restored;
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

  it('sends everything again when a person asks, with higher sequences, and goes on to promise, also under a new leader', async () => {
    await raiseOnce(bench, 'a', 'b');
    // Slower than what collects, so that the test sees in which part the publisher is.
    const slow = {
      ...thingsFeed,
      async read(...asked: Parameters<typeof thingsFeed.read>) {
        await asked[0].query('SELECT pg_sleep(0.02)');
        return thingsFeed.read(...asked);
      },
    };
    const first = publish({ feeds: [slow] });
    const inbox = await collected();
    // Behind a heartbeat on each partition nothing more of the first start can come.
    const beaten = () => new Set(inbox.filter(isBeat).map(({ partition }) => partition));
    await eventually(() => expect([newestOf(inbox), beaten().size]).toEqual([{ a: '1', b: '1' }, 3]));
    const ids = ['a', 'b', ...Array.from({ length: 25_000 }, (_, index) => `t${index}`)];
    await bench.worker.query('INSERT INTO thing (id, value) SELECT id, 1 FROM unnest($1::text[]) AS id ON CONFLICT DO NOTHING', [
      ids,
    ]);
    const highest = sequences(inbox)
      .sort((a, b) => (a < b ? -1 : 1))
      .at(-1)!;
    const before = inbox.length;
    const again = () => inbox.slice(before);
    const asked = await now();
    await expect(republishStates(bench.urls.worker, 'nothing')).rejects.toThrow('which feed? One of things');
    expect(await republishStates(bench.urls.worker, 'things')).toEqual(['things']);
    // All are marked in three parts: this is within the second.
    await eventually(() => expect(states(again()).length).toBeGreaterThan(11_000));
    await first.stop();
    const changed = await now();
    expect(marked()).toBe(1);
    publish({ feeds: [slow] });
    await eventually(() => expect([states(again()).length, marked()]).toEqual([ids.length, 2]));
    expect(new Set(states(again()).map(({ key }) => key))).toEqual(new Set(ids));
    for (const sequence of sequences(again())) expect(sequence).toBeGreaterThan(highest);
    const last = again().findLastIndex((message) => !isBeat(message));
    const promised = again()
      .slice(0, last)
      .filter(isBeat)
      .map((message) => asOfOf(message));
    expect(promised.some((time) => time > asked && time < changed)).toBe(true);
    expect(promised.some((time) => time > changed)).toBe(true);
  });

  it('sends everything once more when a person asks while that goes on', async () => {
    await raiseOnce(bench, 'a');
    const { rows } = await bench.owner.query<{ key: number }>(`SELECT hashtext('${bench.prefix}') AS key`);
    const gate = rows[0]!.key;
    const gated = `WITH gate AS (SELECT pg_advisory_xact_lock_shared(${gate})) SELECT thing.id AS key FROM gate, thing WHERE id > $1 ORDER BY id LIMIT $2`;
    publish({ feeds: [{ ...thingsFeed, keysAfter: gated }] });
    await eventually(() => expect(marked()).toBe(1));
    const shut = await bench.owner.connect();
    await shut.query('SELECT pg_advisory_lock($1)', [gate]);
    await republishStates(bench.urls.worker);
    await eventually(async () => expect(await bench.count(`pg_locks WHERE locktype = 'advisory' AND NOT granted`)).toBe(1));
    await republishStates(bench.urls.worker);
    await republishStates(bench.urls.worker);
    await shut.query('SELECT pg_advisory_unlock($1)', [gate]);
    shut.release();
    await eventually(() => expect(marked()).toBe(3));
    const standing = 'events.state_feed WHERE asked = 3 AND done = 3 AND run_epoch IS NULL';
    expect(await bench.count(standing)).toBe(1);
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

  it('a feed whose keys cannot be read holds up no other, and sends what changes', async () => {
    await bench.createTopic('others', 1);
    const broken = { ...thingsFeed, keysAfter: 'SELECT id AS key FROM nowhere WHERE id > $1 LIMIT $2' };
    await raiseOnce(bench, 'a');
    await bench.worker.query('DELETE FROM events.state_mark');
    const started = publish({ feeds: [broken, { ...thingsFeed, name: 'others', topic: 'others' }] });
    const [things, others] = [await collected(), await collected('others')];
    await eventually(() => expect([newestOf(others), started.isHealthy()]).toEqual([{ a: '1' }, false]));
    await raiseOnce(bench, 'b');
    await eventually(() => expect(newestOf(things)).toEqual({ b: '1' }));
    broken.keysAfter = thingsFeed.keysAfter;
    await eventually(() => expect([newestOf(things), started.isHealthy()]).toEqual([{ a: '1', b: '1' }, true]));
  });

  it('a feed whose topic is missing holds up no other, and is sent once the topic is there', async () => {
    const started = publish({ feeds: [{ ...thingsFeed, name: 'others', topic: 'others' }, thingsFeed] });
    await raiseOnce(bench, 'a');
    const things = await collected();
    await eventually(() => expect([newestOf(things), things.some(isBeat)]).toEqual([{ a: '1' }, true]));
    expect(started.isHealthy()).toBe(false);
    await bench.createTopic('others', 1);
    const others = await collected('others');
    await eventually(() =>
      expect([newestOf(others), others.some(isBeat), started.isHealthy()]).toEqual([{ a: '1' }, true, true]),
    );
  });

  it('one whose feed failed while it led is healthy again when it stands by', async () => {
    await raiseOnce(bench, 'a');
    const broken = { ...thingsFeed, read: () => Promise.reject(new Error('no such column')) };
    const former = publish({ feeds: [broken] });
    await eventually(() => expect([former.isLeader(), former.isHealthy()]).toEqual([true, false]));
    const { rows } = await bench.worker.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name = 'customer states publisher' AND datname = current_database()`,
    );
    // It waits before it tries to lead again; the other one does not.
    const next = publish({ standbyMs: 5 });
    await eventually(async () =>
      expect(
        await bench.count(
          `pg_stat_activity WHERE application_name = 'customer states publisher' AND datname = current_database()`,
        ),
      ).toBe(2),
    );
    await bench.worker.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]!.pid]);
    await eventually(() => expect([former.isLeader(), next.isLeader()]).toEqual([false, true]));
    await eventually(() => expect([former.isHealthy(), next.isHealthy()]).toEqual([true, true]));
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

  it('pauses nineteen times as long as a turn takes while something has the right of way, and no longer than that', async () => {
    const readings: { start: number; end: number }[] = [];
    const slow = {
      ...thingsFeed,
      async read(...asked: Parameters<typeof thingsFeed.read>) {
        const start = performance.now();
        await asked[0].query('SELECT pg_sleep(0.05)');
        readings.push({ start, end: performance.now() });
        return thingsFeed.read(...asked);
      },
    };
    let isLoading = true;
    publish({ feeds: [slow], yieldTo: () => isLoading });
    await eventually(async () => {
      await raiseOnce(bench, 'a');
      expect(readings.length).toBeGreaterThan(3);
    });
    // A turn takes at least as long as its reading. The last one has no pause behind it yet.
    for (const [at, { start, end }] of readings.slice(0, -1).entries())
      expect(readings[at + 1]!.start - end).toBeGreaterThanOrEqual(19 * (end - start));
    const { start, end } = readings.at(-1)!;
    const { length } = readings;
    await raiseOnce(bench, 'a');
    isLoading = false;
    await eventually(() => expect(readings.length).toBeGreaterThan(length));
    expect(readings[length]!.start - end).toBeLessThan(19 * (end - start));
  });
});
