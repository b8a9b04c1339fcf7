import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attacks } from '../test/support/tampering.ts';
import { openTampering } from '../test/support/tampering-rounds.ts';

const rounds = 10_000;

describe('10,000 random tamperings', () => {
  let bench: Awaited<ReturnType<typeof openTampering>>;
  beforeAll(async () => {
    bench = await openTampering({ entries: 2_500, shards: 5, seed: 20_261_130 });
  });
  afterAll(() => bench?.close());

  // Each round reads the log twice.
  it('are all found, at their places, and nothing else is', { timeout: 3_600_000 }, async () => {
    const names = Object.keys(attacks);
    const done = new Map<string, number>();
    for (let round = 0; round < rounds; round += 1) {
      const seed = 1_000_000 + round;
      if (round % 1_000 === 0) await bench.expectClean();
      if (round % 100 === 0) await bench.expectNothingFound(seed);
      const name = names[round % (names.length + 1)];
      if (name === undefined) await bench.expectAnchorFound(seed);
      else await bench.expectFound(name, seed);
      if (round % 500 === 0) console.log(`${round} of ${rounds}, ${Math.round(performance.now() / 1000)} s`);
      done.set(name ?? 'anchor', (done.get(name ?? 'anchor') ?? 0) + 1);
    }
    await bench.expectClean();
    console.log(Object.fromEntries(done));
    expect([...done.values()].reduce((sum, one) => sum + one, 0)).toBe(rounds);
  });
});
