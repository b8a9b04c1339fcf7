import { describe, expect, it } from 'vitest';
import { estimatedFinish, type Sample, withSample } from './progress.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 9, 20, 4, 0, seconds));
const sample = (seconds: number, position: bigint): Sample => ({ time: at(seconds), position });

describe('the time left', () => {
  it('is what waits at the pace between the first and the last sample', () => {
    // 2,000 in 20 s: 6,000 more take a minute from now on.
    const samples = [sample(0, 1_000n), sample(5, 1_100n), sample(20, 3_000n)];
    expect(estimatedFinish(samples, 6_000n, at(25))).toEqual(at(85));
  });

  it('is not told when nothing waits, nothing moves, or the pace is not known yet', () => {
    const moving = [sample(0, 0n), sample(10, 100n)];
    expect(estimatedFinish(moving, 0n, at(10))).toBeUndefined();
    expect(estimatedFinish([sample(0, 100n), sample(10, 100n)], 50n, at(10))).toBeUndefined();
    // A partition that was set back.
    expect(estimatedFinish([sample(0, 100n), sample(10, 40n)], 50n, at(10))).toBeUndefined();
    expect(estimatedFinish([sample(0, 100n)], 50n, at(10))).toBeUndefined();
    expect(estimatedFinish([], 50n, at(10))).toBeUndefined();
  });
});

it('a pace is that of the last three minutes', () => {
  const long = [sample(0, 0n), sample(60, 1_000_000n), sample(200, 1_000_600n)].reduce<readonly Sample[]>(withSample, []);
  expect(long).toEqual([sample(60, 1_000_000n), sample(200, 1_000_600n)]);
  // 600 in 140 s since the burst, not a million since the start.
  expect(estimatedFinish(long, 60n, at(200))).toEqual(at(214));
  expect(withSample([sample(0, 0n)], sample(180, 1n))).toHaveLength(2);
});
