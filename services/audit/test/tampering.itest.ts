import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attacks, columnAttacks } from './support/tampering.ts';
import { openTampering } from './support/tampering-rounds.ts';

describe('a log that somebody tampers with', () => {
  let bench: Awaited<ReturnType<typeof openTampering>>;
  beforeAll(async () => {
    bench = await openTampering({ entries: 1_200, shards: 4, seed: 7 });
  });
  afterAll(() => bench?.close());

  it('has nothing wrong before', () => bench.expectClean());

  it.each(Object.keys(attacks))('tells the place: %s', async (name) => {
    for (let seed = 1; seed <= 4; seed += 1) await bench.expectFound(name, seed);
  });

  it.each(Object.keys(columnAttacks))('tells the place: %s', (name) => bench.expectFound(name, 1));

  it('tells which heads are wrong in an anchor', async () => {
    for (let seed = 1; seed <= 40; seed += 1) await bench.expectAnchorFound(seed);
  });

  it('takes torn lines and heads that came twice for what they are', async () => {
    for (let seed = 1; seed <= 5; seed += 1) await bench.expectNothingFound(seed);
  });

  it('has nothing wrong after all was taken back', async () => {
    await bench.expectClean();
    expect(bench.rows.entries.length).toBeGreaterThan(1_000);
  });
});
