import { expect } from 'vitest';
import { openLog } from './log.ts';
import {
  attacks,
  columnAttacks,
  fillLog,
  keepOriginals,
  placesFound,
  placesOf,
  randomOf,
  readChanged,
  readRows,
  roughen,
  tamperWithAnchor,
} from './tampering.ts';
import { readAnchors, superuser, verifier } from './verifying.ts';

/** A log that is anchored to its end, and rounds in which somebody tampers with it and is looked for. Each round leaves the log as it was. */
export async function openTampering(size: { entries: number; shards: number; seed: number }) {
  const log = await openLog();
  await fillLog(log, size);
  const client = await superuser(log);
  await client.query('ANALYZE audit.entry, audit.batch, audit.head');
  const verify = verifier(log, client);
  const anchors = await readAnchors(log);
  const rows = await readRows(client);
  await keepOriginals(client);

  return {
    log,
    rows,
    anchors,
    client,
    verify,
    async expectClean(): Promise<void> {
      const { found, entries, heads } = await verify(anchors);
      expect(found).toEqual([]);
      expect(entries).toBe(BigInt(rows.entries.length));
      expect(heads).toBe(BigInt(rows.heads.length));
    },
    /** Tampers with the database in a transaction that is rolled back, and expects exactly what was touched to be found. */
    async expectFound(name: string, seed: number): Promise<void> {
      await client.query('BEGIN');
      try {
        await { ...attacks, ...columnAttacks }[name]!(client, rows, randomOf(seed));
        const expected = placesOf(rows, await readChanged(client, rows));
        const { found } = await verify(anchors);
        const what = `${name}, seed ${seed}`;
        expect([...placesFound(found)].sort(), what).toEqual([...expected].sort());
        expect(expected.size, what).toBeGreaterThan(0);
      } finally {
        await client.query('ROLLBACK');
      }
    },
    async expectAnchorFound(seed: number): Promise<void> {
      const { anchors: changed, anchor, must, may } = tamperWithAnchor(anchors, randomOf(seed));
      const { found } = await verify(changed);
      const places = placesFound(found);
      const what = `anchor, seed ${seed}`;
      for (const head of must) expect(places, what).toContain(`A ${anchor} ${head}`);
      const allowed = may.map((head) => `A ${anchor} ${head}`);
      // An edited head may claim any number.
      const others = [...places].filter(
        (place) => !allowed.includes(place) && !(may.includes(-1n) && place.startsWith(`A ${anchor}`)),
      );
      expect(others, what).toEqual([]);
    },
    async expectNothingFound(seed: number): Promise<void> {
      const { found } = await verify(roughen(anchors, randomOf(seed)));
      expect(found, `repeats, seed ${seed}`).toEqual([]);
    },
    async close(): Promise<void> {
      await client.end();
      await log.close();
    },
  };
}
