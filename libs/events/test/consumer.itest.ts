import { testStack } from '@bankcrm/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, eventually, openBench } from './support/bench.ts';
import { booking, manyBookings } from './support/booking.ts';

describe('a consumer', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(testStack(), { partitions: 3 });
  });
  afterEach(() => bench.close());

  it('applies every message of every partition from the beginning, once', async () => {
    const { messages, balances } = manyBookings(5_000);
    await bench.send(messages);
    bench.consume();
    await eventually(async () => expect(await bench.count('seen')).toBe(5_000));
    expect(await bench.balances()).toEqual(balances);
    expect((await bench.nextOffsets()).reduce((sum, next) => sum + next, 0n)).toBe(5_000n);
  });

  it('applies a repeated message once', async () => {
    await bench.send([booking('b1', 'a', 5), booking('b1', 'a', 5), booking('b2', 'a', 1)]);
    bench.consume();
    await eventually(async () => expect(await bench.count('seen')).toBe(3));
    await bench.send([booking('b1', 'a', 5), booking('b3', 'a', 1)]);
    await eventually(async () => expect(await bench.count('seen')).toBe(5));
    expect(await bench.balances()).toEqual({ a: 7 });
  });
});
