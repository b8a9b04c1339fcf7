// Alone: garbage is collected beside the program, and lies about for longer where a neighbour has the processor.
import { testStack } from '@bankcrm/testing';
import type { Child } from '@bankcrm/testing/child.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, eventually, openBench } from './support/bench.ts';
import { booking } from './support/booking.ts';
import { startChild } from './support/child.ts';

const messages = 50_000;
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

  it('stays bounded with a backlog of 75 MB, in a heap of 64 MB', async () => {
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
    const samples = [...child.output().matchAll(/memory (.*)/g)].map((match) => JSON.parse(match[1]!));
    const peakMiB = (name: string) => Math.max(...samples.map((sample) => sample[name])) / 1_048_576;
    expect(samples.length).toBeGreaterThan(10);
    // A fetch of 8 MiB as bytes, texts and rows, on top of what the program itself takes.
    expect(peakMiB('liveBytes')).toBeLessThan(96);
    // What the allocator keeps beside it levels off near 280 MiB, measured with backlogs of 120 and 300 MB.
    expect(peakMiB('peakRssBytes')).toBeLessThan(350);
  });
});
