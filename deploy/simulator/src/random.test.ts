import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random, scatter, weighted } from './random.ts';

describe('scatter', () => {
  it('never gives two positions the same place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5_000 }), fc.integer({ min: 0, max: 0x7fff_ffff }), (size, seed) => {
        const places = new Set(Array.from({ length: size }, (_, position) => scatter(position, size, seed)));
        return places.size === size && [...places].every((place) => place >= 0 && place < size);
      }),
      { numRuns: 50 },
    );
  });
});

describe('Random', () => {
  it('gives the same draws for the same path and others for a neighbour', () => {
    const draws = (...path: number[]) => Array.from({ length: 8 }, () => new Random(...path)).map((random) => random.int(0, 1e9));
    expect(draws(1, 2, 3)).toEqual(draws(1, 2, 3));
    expect(draws(1, 2, 3)).not.toEqual(draws(1, 2, 4));
    expect(draws(1, 2, 3)).not.toEqual(draws(1, 3, 2));
  });

  it('draws from a table in the proportion of its weights', () => {
    const random = new Random(5);
    const table = weighted([
      ['often', 9],
      ['seldom', 1],
    ] as const);
    const seldom = Array.from({ length: 20_000 }, () => random.draw(table)).filter((value) => value === 'seldom').length;
    // Binomial(20,000, 0.1): 2,000 ± 5 standard deviations of 42.
    expect(Math.abs(seldom - 2_000)).toBeLessThan(212);
  });

  it('has a first draw that is uniform over neighbouring paths', () => {
    const low = Array.from({ length: 20_000 }, (_, index) => new Random(1, 2, index).unit()).filter(
      (value) => value < 0.25,
    ).length;
    // Binomial(20,000, 0.25): 5,000 ± 5 standard deviations of 61.
    expect(Math.abs(low - 5_000)).toBeLessThan(306);
  });
});
