import { testStack } from '@bankcrm/testing';
import type { Child } from '@bankcrm/testing/child.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, eventually, openBench } from './support/bench.ts';
import { booking, manyBookings } from './support/booking.ts';
import { startChild } from './support/child.ts';

describe('an event’s effect happens exactly once', () => {
  let bench: Bench;
  let zombie: Child | undefined;
  const position = async (): Promise<number> => Number((await bench.nextOffsets())[0] ?? 0n);
  const fill = async (count: number, from = 0) => {
    const { messages, balances } = manyBookings(count, from);
    await bench.send(messages);
    return balances;
  };

  beforeEach(async () => {
    bench = await openBench(testStack(), { partitions: 1 });
  });
  afterEach(async () => {
    await zombie?.kill();
    zombie = undefined;
    await bench.close();
  });

  it('when everything is replayed three times', async () => {
    const balances = await fill(2_000);
    for (let round = 1; round <= 3; round += 1) {
      const consumer = bench.consume();
      await eventually(async () => expect(await bench.count('seen')).toBe(round * 2_000));
      expect(await bench.balances()).toEqual(balances);
      await consumer.stop();
      await bench.owner.query('UPDATE events.kafka_offset SET next_offset = 0');
    }
  });

  it('when Kafka’s own offsets are set back: they are not asked', async () => {
    await fill(2_000);
    const consumer = bench.consume();
    await eventually(async () => expect(await position()).toBe(2_000));
    await consumer.stop();
    await bench.admin.setOffsets({
      groupId: `${bench.prefix}sync`,
      topic: bench.prefix + bench.topic,
      partitions: [{ partition: 0, offset: '0' }],
    });
    bench.consume();
    await bench.send([booking('last', 'a', 1)]);
    await eventually(async () => expect(await position()).toBe(2_001));
    expect(await bench.count('seen')).toBe(2_001);
  });

  it('when a zombie wakes in the middle of its transaction, which held the position’s lock', async () => {
    const balances = await fill(1_000);
    const halted = startChild(bench, 'child-consumer.ts');
    zombie = halted;
    halted.shut('apply');
    await eventually(() => expect(halted.isAt('apply')).toBe(true));
    bench.consume();
    await eventually(async () => expect(await bench.count('seen')).toBe(1_000));
    halted.open('apply');
    await bench.send([booking('later', 'account-0', 1)]);
    await eventually(async () => expect(await position()).toBe(1_001));
    // It has dealt with what it held once it is a member again.
    await eventually(() => expect(halted.output().split('partitions assigned')).toHaveLength(3));
    expect(await bench.count('seen')).toBe(1_001);
    expect(await bench.balances()).toEqual({ ...balances, 'account-0': balances['account-0']! + 1 });
  });

  it('when two consumers both believe that they own the partition', async () => {
    const balances = await fill(3_000);
    const limits = { maxBatchMessages: 50 };
    bench.consume({ kafkaGroup: `${bench.prefix}one`, limits });
    bench.consume({ kafkaGroup: `${bench.prefix}two`, limits });
    await eventually(async () => expect(await position()).toBe(3_000));
    expect(await bench.count('seen')).toBe(3_000);
    expect(await bench.balances()).toEqual(balances);
  });

  it('when PostgreSQL cuts the connections while transactions run', async () => {
    const balances = await fill(20_000);
    bench.consume({ limits: { maxBatchMessages: 100, maxBackoffMs: 100 } });
    for (let round = 1; round <= 5; round += 1) {
      const before = await position();
      await eventually(async () => expect(await position()).toBeGreaterThan(before + 100));
      await bench.cutConnections('test worker');
    }
    await eventually(async () => expect(await position()).toBe(20_000));
    expect(await bench.count('seen')).toBe(20_000);
    expect(await bench.balances()).toEqual(balances);
  });
});
