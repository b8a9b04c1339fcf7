import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainOrder, type Movement } from './chain.ts';

const movement = (change: number, balanceAfter: number): Movement => ({
  change: BigInt(change),
  balanceAfter: BigInt(balanceAfter),
});

/** Movements one after the other, each with the balance it leaves. */
function running(before: number, changes: readonly number[]): Movement[] {
  let balance = before;
  return changes.map((change) => {
    balance += change;
    return movement(change, balance);
  });
}

describe('chainOrder', () => {
  it('finds the order in which balances follow from each other, whatever order the rows came in', () => {
    const day = [movement(500, 1_500), movement(-200, 1_300), movement(10, 1_310)];
    for (const rows of [day, [...day].reverse(), [day[1], day[2], day[0]] as Movement[]])
      expect(chainOrder(1_000n, rows)).toEqual(day);
  });

  it('is not misled by balances rounded to a tenth of a koruna', () => {
    const first = movement(34_480, 7_145_240);
    const second = movement(-1_460, 7_143_780);
    // 7,110,770 + 34,480 is 7,145,250; the source says ten less.
    expect(chainOrder(7_110_770n, [second, first])).toEqual([first, second]);
  });

  it('puts a gap where it costs least when a movement is missing', () => {
    const first = movement(-1_460, 98_540);
    const second = movement(-5_000, 103_040);
    // Between them 9,500 of interest is not in the data.
    expect(chainOrder(100_000n, [second, first])).toEqual([first, second]);
  });

  it('restores any day of distinct balances that was shuffled', () => {
    const day = fc.array(
      fc.integer({ min: -100_000, max: 100_000 }).filter((change) => Math.abs(change) > 100),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(day, fc.integer(), (changes, seed) => {
        const rows = running(1_000_000, changes);
        const seen = [1_000_000n, ...rows.map((row) => row.balanceAfter)];
        fc.pre(new Set(seen).size === seen.length);
        const mixed = [...rows].sort((a, b) => Number((a.change * BigInt(seed)) % 97n) - Number((b.change * BigInt(seed)) % 97n));
        const order = chainOrder(1_000_000n, mixed);
        // Another order may chain as well, but then just as exactly.
        let before = 1_000_000n;
        for (const row of order) {
          expect(row.balanceAfter - row.change).toBe(before);
          before = row.balanceAfter;
        }
      }),
    );
  });

  it('takes the nearest next row on a day too busy for the exact search', () => {
    const day = running(
      0,
      Array.from({ length: 40 }, (_, i) => 1_000 + i),
    );
    expect(chainOrder(0n, [...day].reverse())).toEqual(day);
  });
});
