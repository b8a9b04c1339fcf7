import { testStack } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, eventually, openBench } from './bench.ts';
import { booking } from './booking.ts';
import { type Child, startChild } from './child.ts';

const messages = 80_000;
const padding = 'x'.repeat(1_400);

describe('memory', () => {
  let bench: Bench;
  let child: Child | undefined;
  beforeAll(async () => {
    bench = await openBench(testStack(), { partitions: 6 });
  });
  afterAll(async () => {
    await child?.kill();
    await bench.close();
  });

  it('stays bounded with a backlog of 120 MB, in a heap of 64 MB', async () => {
    const template = booking('', '', 0);
    for (let start = 0; start < messages; start += 5_000) {
      const batch = Array.from({ length: 5_000 }, (_, index) => {
        const id = `m${start + index}`;
        return { ...template, key: id, value: JSON.stringify({ id, account: `a${index % 50}`, amount: 1, padding }) };
      });
      await bench.send(batch);
    }
    child = startChild(bench, 'child-consumer.ts', { maxBatchMessages: 2_000 }, ['--max-old-space-size=64']);
    const sum = async () => (await bench.nextOffsets()).reduce((total, next) => total + next, 0n);
    await eventually(async () => expect(await sum()).toBe(BigInt(messages)), { timeoutMs: 40_000 });
    if (process.env.EVENTS_TEST_LOG) console.log(child.output());
    const peakMiB = Math.max(...[...child.output().matchAll(/maxRSS (\d+)/g)].map((match) => Number(match[1]))) / 1024;
    expect(peakMiB).toBeGreaterThan(40);
    expect(peakMiB).toBeLessThan(280);
  });
});
