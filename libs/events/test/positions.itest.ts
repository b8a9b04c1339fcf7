import { testStack } from '@bankcrm/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../src/index.ts';
import { restartPartition } from '../src/index.ts';
import { type Bench, eventually, openBench } from './support/bench.ts';
import { booking, headersOf, manyBookings } from './support/booking.ts';

describe('a position', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(testStack(), { partitions: 2 });
  });
  afterEach(() => bench.close());

  const position = async (partition = 0): Promise<number> => Number((await bench.nextOffsets())[partition] ?? -1n);
  const fill = (count: number, partition: number, from = 0) => bench.send(manyBookings(count, from).messages, partition);
  const stops = async () =>
    (
      await bench.worker.query(
        'SELECT partition, stopped_reason, stopped_detail FROM events.kafka_offset WHERE stopped_reason IS NOT NULL',
      )
    ).rows;
  const recordingLog = () => {
    const errors: { fields: Record<string, unknown>; message: string }[] = [];
    const log: Log = { info: () => {}, warn: () => {}, error: (fields, message) => errors.push({ fields, message }) };
    return { log, errors };
  };

  it('goes back with a database restored to an older state, although Kafka’s committed offset is ahead', async () => {
    await fill(100, 0);
    const consumer = bench.consume();
    await eventually(async () => expect(await position()).toBe(100));
    await eventually(async () => {
      const [offsets] = await bench.admin.fetchOffsets({ groupId: `${bench.prefix}sync`, topics: [bench.prefix + bench.topic] });
      expect(offsets!.partitions.find(({ partition }) => partition === 0)!.offset).toBe('100');
    });
    await consumer.stop();
    // The state of the database as it was after 40 messages.
    await bench.worker.query('DELETE FROM seen WHERE "offset" >= 40');
    await bench.worker.query('UPDATE events.kafka_offset SET next_offset = 40 WHERE partition = 0');
    bench.consume();
    await eventually(async () => expect(await position()).toBe(100));
    expect(await bench.count('seen')).toBe(100);
  });

  it('stops with an error when the messages that come next were deleted, and does not jump; other partitions go on', async () => {
    await fill(100, 0);
    await fill(100, 1, 100);
    const consumer = bench.consume();
    await eventually(async () => expect(await bench.count('seen')).toBe(200));
    await consumer.stop();
    await fill(100, 0, 200);
    await fill(100, 1, 300);
    await bench.admin.deleteTopicRecords({ topic: bench.prefix + bench.topic, partitions: [{ partition: 0, offset: '150' }] });
    const { log, errors } = recordingLog();
    const second = bench.consume({ log });
    await eventually(async () => expect(await position(1)).toBe(200));
    await eventually(async () =>
      expect(await stops()).toEqual([
        {
          partition: 0,
          stopped_reason: 'OFFSET_OUT_OF_RANGE',
          stopped_detail: 'Next offset 100 is gone: Kafka holds 150 to 200. Messages 100 to 149 were deleted unread.',
        },
      ]),
    );
    expect(errors.filter(({ message }) => message === 'partition stopped')).toMatchObject([
      { fields: { partition: 0, reason: 'OFFSET_OUT_OF_RANGE' } },
    ]);
    await bench.send([booking('more', 'a', 1)], 0);
    await bench.send([booking('more-1', 'a', 1)], 1);
    await eventually(async () => expect(await position(1)).toBe(201));
    expect(await position(0)).toBe(100);
    expect(await bench.count('seen')).toBe(301);
    const lag = (await second.lag()).find(({ partition }) => partition === 0);
    expect(lag).toMatchObject({ messages: 101n, stopped: { reason: 'OFFSET_OUT_OF_RANGE' } });
    expect(second.isHealthy()).toBe(true);
  });

  it('goes on by itself once a person has said from where', async () => {
    await fill(100, 0);
    await bench.admin.deleteTopicRecords({ topic: bench.prefix + bench.topic, partitions: [{ partition: 0, offset: '50' }] });
    await bench.worker.query(
      `INSERT INTO events.kafka_offset (consumer_group, topic, partition, next_offset, update_time) VALUES ('sync', 'bookings', 0, 10, now())`,
    );
    bench.consume();
    await eventually(async () => expect(await stops()).toHaveLength(1));
    const place = { group: 'sync', topic: 'bookings', partition: 0 };
    expect(await restartPartition(bench.worker, { ...place, next: 50n, now: new Date() })).toBe(10n);
    expect(await restartPartition(bench.worker, { ...place, next: 0n, now: new Date() })).toBeUndefined();
    await eventually(async () => expect(await position()).toBe(100));
    expect(await bench.count('seen')).toBe(50);
  });

  it('stops when all messages that come next were deleted and no new one arrives', async () => {
    await fill(100, 0);
    let isPaused = true;
    bench.consume({ pausedSources: () => new Set(isPaused ? ['core'] : []) });
    await eventually(async () =>
      expect(
        (await bench.worker.query('SELECT waiting_message_time FROM events.kafka_offset WHERE partition = 0')).rows[0]
          ?.waiting_message_time,
      ).toBeTruthy(),
    );
    await bench.admin.deleteTopicRecords({ topic: bench.prefix + bench.topic, partitions: [{ partition: 0, offset: '-1' }] });
    isPaused = false;
    await eventually(async () => expect(await stops()).toMatchObject([{ partition: 0, stopped_reason: 'OFFSET_OUT_OF_RANGE' }]));
    expect(await position()).toBe(0);
    expect(await bench.count('seen')).toBe(0);
  });

  it('stops when it is beyond the end of the topic', async () => {
    await fill(10, 0);
    await bench.worker.query(
      `INSERT INTO events.kafka_offset (consumer_group, topic, partition, next_offset, update_time) VALUES ('sync', 'bookings', 0, 5000, now())`,
    );
    bench.consume();
    await eventually(async () =>
      expect(await stops()).toMatchObject([{ partition: 0, stopped_detail: expect.stringContaining('beyond the end') }]),
    );
    expect(await position()).toBe(5000);
    expect(await bench.count('seen')).toBe(0);
  });

  it('passes markers and aborted transactions, so that an idle partition has no lag', async () => {
    const producer = bench.kafka.producer({ transactionalId: `${bench.prefix}tx`, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const send = async (id: string, commit: boolean) => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: bench.prefix + bench.topic, messages: [{ ...booking(id, 'a', 1), partition: 0 }] });
      await (commit ? transaction.commit() : transaction.abort());
    };
    const consumer = bench.consume();
    for (const round of [1, 2, 3]) {
      await send(`aborted-${round}`, false);
      await send(`kept-${round}`, true);
      await send(`also-aborted-${round}`, false);
      await eventually(async () => expect((await consumer.lag()).find(({ partition }) => partition === 0)!.messages).toBe(0n));
    }
    await producer.disconnect();
    expect(await position()).toBe(18);
    expect(await bench.balances()).toEqual({ a: 3 });
  });

  it('waits in front of a paused source’s first message and goes on when it is resumed', async () => {
    const paused = new Set(['credit']);
    const consumer = bench.consume({ pausedSources: () => paused });
    await bench.send([booking('c1', 'a', 1), booking('c2', 'a', 1), booking('x1', 'a', 1, 'credit'), booking('c3', 'a', 1)], 0);
    await bench.send([booking('d1', 'b', 1)], 1);
    await eventually(async () => expect(await bench.balances()).toEqual({ a: 2, b: 1 }));
    await eventually(() =>
      expect(consumer.partitions().find(({ partition }) => partition === 0)!.condition).toEqual({
        kind: 'HELD',
        next: 2n,
        sourceSystem: 'credit',
      }),
    );
    const lag = (await consumer.lag()).find(({ partition }) => partition === 0)!;
    expect(lag.messages).toBe(2n);
    expect(lag.seconds).toBeGreaterThan(0);
    expect(lag.seconds).toBeLessThan(60);
    paused.clear();
    await eventually(async () => expect(await bench.balances()).toEqual({ a: 4, b: 1 }));
  });

  it('moves with all its rows or not at all when the service’s code fails', async () => {
    let failures = 3;
    bench.consume({
      apply: async (tx, items) => {
        await tx.query(`INSERT INTO booking (id, account, amount) SELECT * FROM unnest($1::text[], $2::text[], $3::int8[])`, [
          items.map(({ value }) => value.id),
          items.map(({ value }) => value.account),
          items.map(({ value }) => value.amount),
        ]);
        if (failures-- > 0) throw new Error('not the data’s fault');
        return [];
      },
    });
    await bench.send([{ key: 'a', value: '{', headers: headersOf('bad') }, booking('b1', 'a', 1)], 0);
    await eventually(async () => expect(await position()).toBe(2));
    expect(failures).toBe(-1);
    expect(await bench.count('booking')).toBe(1);
    expect(await bench.count('events.dead_letter')).toBe(1);
  });
});
