import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Values with their relative frequencies; the running sums are made once, so a draw is a binary search. */
export type Weighted<T> = { values: readonly T[]; cumulative: Float64Array };

/** Builds a table to draw from; weights need not sum to anything in particular. */
export function weighted<T>(entries: readonly (readonly [T, number])[]): Weighted<T> {
  const cumulative = new Float64Array(entries.length);
  let sum = 0;
  for (const [position, [, weight]] of entries.entries()) {
    sum += weight;
    cumulative[position] = sum;
  }
  return { values: entries.map(([value]) => value), cumulative };
}

/**
 * A stream of draws that depends only on its path (seed, index, purpose …): customer 17 is the same whether or not
 * customers 0 … 16 were made before, so the whole bank can be recomputed from any point and never held in memory.
 */
export class Random {
  readonly #generator: RandomGenerator;

  constructor(...path: readonly number[]) {
    this.#generator = xoroshiro128plusFromState(mix(path));
  }

  /** An integer from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return uniformInt(this.#generator, min, max);
  }

  /** A number in [0, 1). */
  unit(): number {
    return (this.#generator.next() >>> 0) / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.int(0, values.length - 1)] as T;
  }

  draw<T>(table: Weighted<T>): T {
    const { values, cumulative } = table;
    const target = this.unit() * (cumulative.at(-1) as number);
    let low = 0;
    let high = values.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] as number) > target) high = middle;
      else low = middle + 1;
    }
    return values[low] as T;
  }

  /** Standard normal, Box–Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    return radius * Math.cos(2 * Math.PI * this.unit());
  }

  /** Log-normal with the given median: incomes and balances have a heavy right tail. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** How many events happen in a period that has `mean` of them on average (Knuth's method; means here are small). */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.unit(); product > limit && count < 1_000; product *= this.unit()) count++;
    return count;
  }
}

/** Four state words from a path by MurmurHash3's finaliser; neighbouring paths give unrelated streams. */
function mix(path: readonly number[]): number[] {
  const words = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x8aed2a6a];
  for (const part of path) {
    const low = part | 0;
    const high = Math.floor(part / 0x1_0000_0000) | 0;
    for (let i = 0; i < 4; i++) words[i] = finalise(((words[i] as number) ^ low) + Math.imul(high, 0x27d4eb2f) + i);
  }
  return words;
}

function finalise(word: number): number {
  let h = (word + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * A one-to-one walk over 0 … size-1: different positions give different places and neighbours land far apart.
 * Identity numbers, phones and account numbers are unique through it, without remembering those already given.
 */
export function scatter(position: number, size: number, seed: number): number {
  const total = BigInt(size);
  const step = stepFor(total);
  const offset = BigInt(new Random(seed, size).int(0, Math.min(size - 1, 0x7fff_ffff)));
  return Number((BigInt(position) * step + offset) % total);
}

const steps = new Map<bigint, bigint>();

/** The odd number nearest the golden section of `size` that shares no factor with it. */
function stepFor(size: bigint): bigint {
  const known = steps.get(size);
  if (known !== undefined) return known;
  let step = (size * 618_033_989n) / 1_000_000_000n;
  while (step <= 1n || gcd(step, size) !== 1n) step++;
  steps.set(size, step);
  return step;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
