import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, entry, type LogBench, openLog } from './support/log.ts';

describe('an entry that comes again', () => {
  let log: LogBench;
  beforeAll(async () => {
    log = await openLog();
  });
  afterAll(() => log?.close());

  const positions = async (shard: number) => {
    const { rows } = await log.workers.query<{ position: bigint; received: Buffer }>(
      'SELECT position, received FROM audit.entry WHERE shard = $1 ORDER BY position',
      [shard],
    );
    return rows;
  };

  it('is kept once, and what came with it stands behind what was there, without a gap', async () => {
    const [first, second, third] = [1n, 2n, 3n].map((number) => bytesOf(entry({ number })));
    await log.append(0, [first!]);
    expect(await log.append(0, [first!, second!, second!, third!])).toEqual([]);
    expect(await log.append(0, [first!, third!])).toEqual([]);
    const kept = await positions(0);
    expect(kept.map(({ position }) => position)).toEqual([0n, 1n, 2n]);
    expect(kept.map(({ received }) => received)).toEqual([first, second, third]);
    const { rows } = await log.workers.query(
      'SELECT first_position, size FROM audit.batch WHERE shard = 0 ORDER BY first_position',
    );
    expect(rows).toEqual([
      { first_position: 0n, size: 1 },
      { first_position: 1n, size: 2 },
    ]);
  });

  it('is refused where it says something else under an id that is taken, before or in the same batch', async () => {
    const entryId = randomUUID();
    const one = bytesOf(entry({ entryId, number: 10n }));
    const other = bytesOf(entry({ entryId, number: 11n }));
    const good = bytesOf(entry({ number: 12n }));
    const inBatch = await log.append(1, [one, other, good]);
    const later = await log.append(1, [other]);
    for (const refused of [inBatch, later])
      expect(refused.map(({ reason, field }) => [reason, field])).toEqual([['ENTRY_ID_TAKEN', 'entry_id']]);
    expect((await positions(1)).map(({ received }) => received)).toEqual([one, good]);
  });

  it('is found as a double where it comes under another id', async () => {
    await log.append(
      2,
      [20n, 21n, 22n].map((number) => bytesOf(entry({ service: 'quota', number }))),
    );
    await log.append(
      3,
      [21n, 23n].map((number) => bytesOf(entry({ service: 'quota', number }))),
    );
    await log.append(
      4,
      [1n, 2n, 3n].map((number) => bytesOf(entry({ service: 'ticket', number }))),
    );
    await log.numbers().turn();
    await log.append(
      4,
      [2n, 4n].map((number) => bytesOf(entry({ service: 'ticket', number }))),
    );
    await log.numbers().turn();
    const { rows } = await log.workers.query(
      `SELECT kind, service, first_number, last_number FROM audit.finding WHERE kind = 'DOUBLE' ORDER BY service`,
    );
    expect(rows).toEqual([
      { kind: 'DOUBLE', service: 'quota', first_number: 21n, last_number: 21n },
      { kind: 'DOUBLE', service: 'ticket', first_number: 2n, last_number: 2n },
    ]);
    const { rows: known } = await log.workers.query(
      `SELECT service, numbers::text, entry_count FROM audit.numbering WHERE service IN ('quota', 'ticket') ORDER BY service`,
    );
    expect(known).toEqual([
      { service: 'quota', numbers: '{[20,24)}', entry_count: 5n },
      { service: 'ticket', numbers: '{[1,5)}', entry_count: 5n },
    ]);
  });
});
