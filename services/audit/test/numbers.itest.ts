import { newId } from '@bankcrm/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, entry, type LogBench, openLog } from './support/log.ts';

describe('the numbering of a service', () => {
  let log: LogBench;
  beforeAll(async () => {
    log = await openLog();
  });
  afterAll(() => log?.close());

  const come = (service: string, shard: number, ...numbers: number[]) =>
    log.append(
      shard,
      numbers.map((number) => bytesOf(entry({ service, number: BigInt(number) }))),
    );
  async function findings(service: string) {
    const { rows } = await log.workers.query<{ kind: string; first_number: bigint; last_number: bigint; settled: boolean }>(
      `SELECT kind, first_number, last_number, settle_time IS NOT NULL AS settled FROM audit.finding WHERE service = $1
       ORDER BY first_number, kind`,
      [service],
    );
    return rows.map(({ kind, first_number, last_number, settled }) => [kind, Number(first_number), Number(last_number), settled]);
  }

  async function openTimes(service: string): Promise<Date[]> {
    const { rows } = await log.workers.query<{ find_time: Date }>('SELECT find_time FROM audit.finding WHERE service = $1', [
      service,
    ]);
    return rows.map(({ find_time }) => find_time);
  }

  it('is whole when all numbers came, in whatever order and on whichever partition', async () => {
    const numbers = log.numbers();
    await come('whole', 0, 5, 6, 1);
    await come('whole', 1, 3);
    await come('whole', 2, 4, 2);
    await numbers.later();
    expect(await findings('whole')).toEqual([]);
    expect(numbers.holds()).toBe(true);
  });

  it('has a gap where numbers are missing though everything has been read, and is whole again when they come', async () => {
    const numbers = log.numbers();
    await come('gappy', 0, 1, 2, 6);
    await come('gappy', 1, 8);
    await numbers.later();
    expect(await findings('gappy')).toEqual([
      ['GAP', 3, 5, false],
      ['GAP', 7, 7, false],
    ]);
    expect(numbers.holds()).toBe(false);
    await come('gappy', 2, 3, 4);
    await numbers.later();
    await come('gappy', 2, 5);
    await numbers.later();
    // What is left of a gap is a smaller one; the larger one is settled when all of it has come.
    expect((await findings('gappy')).filter(([, first, , settled]) => first === 3 && settled)).toEqual([['GAP', 3, 5, true]]);
    await come('gappy', 2, 7);
    await numbers.later();
    expect((await findings('gappy')).every(([, , , settled]) => settled)).toBe(true);
    expect(numbers.holds()).toBe(true);
  });

  it('has no gap at once: an entry may be written that nobody can read yet', async () => {
    const numbers = log.numbers();
    await come('unread', 0, 1, 3);
    await numbers.turn();
    await numbers.turn();
    expect(await findings('unread')).toEqual([]);
    await come('unread', 1, 2);
    await numbers.later();
    expect(await findings('unread')).toEqual([]);
  });

  it('has no gap while a partition is behind: what is missing may be waiting there', async () => {
    const behind = log.numbers(3n);
    await come('slow', 0, 1, 4);
    await behind.later();
    expect(await findings('slow')).toEqual([]);
    await come('slow', 1, 2, 3);
    await log.numbers().later();
    expect(await findings('slow')).toEqual([]);
  });

  it('has a gap all the same while a partition is stopped, for which nobody waits', async () => {
    await come('stopped', 0, 1, 4);
    await log.numbers(3n, { reason: 'OFFSET_OUT_OF_RANGE', detail: '', time: new Date() }).later();
    expect(await findings('stopped')).toEqual([['GAP', 2, 3, false]]);
  });

  it('has a gap at its beginning when the first numbers never came', async () => {
    await come('late', 0, 3);
    await log.numbers().later();
    expect(await findings('late')).toEqual([['GAP', 1, 2, false]]);
  });

  it('shows a number that two entries have, in one batch or long after', async () => {
    await come('double', 0, 1, 2, 2, 3);
    await log.numbers().later();
    await come('double', 1, 3);
    await log.numbers().later();
    expect(await findings('double')).toEqual([
      ['DOUBLE', 2, 2, false],
      ['DOUBLE', 3, 3, false],
    ]);
  });

  it('takes an entry that is sent again for the same one', async () => {
    const one = bytesOf(entry({ service: 'again', number: 1n }));
    await log.append(0, [one, one]);
    await log.append(0, [one]);
    await log.append(1, [one]);
    await log.numbers().later();
    expect(await findings('again')).toEqual([]);
    const { rows } = await log.workers.query(`SELECT FROM audit.entry WHERE service = 'again'`);
    expect(rows).toHaveLength(1);
  });

  it('refuses other bytes under an id that is taken', async () => {
    const entryId = newId();
    await log.append(0, [bytesOf(entry({ service: 'taken', number: 1n, entryId }))]);
    const refused = await log.append(0, [bytesOf(entry({ service: 'taken', number: 2n, entryId }))]);
    expect(refused).toMatchObject([{ reason: 'ENTRY_ID_TAKEN' }]);
    // The number that it had never comes.
    await come('taken', 0, 3);
    await log.numbers().later();
    expect(await findings('taken')).toEqual([['GAP', 2, 2, false]]);
  });

  it('shows again what is found again', async () => {
    const [before] = await openTimes('again-unnumbered');
    expect(before).toBeUndefined();
    await come('again-unnumbered', 0, 0);
    await come('again-unnumbered', 1, 0, 0);
    await log.numbers().turn();
    const [first] = await openTimes('again-unnumbered');
    await come('again-unnumbered', 0, 0);
    await log.numbers().turn();
    const times = await openTimes('again-unnumbered');
    expect(times).toHaveLength(1);
    expect(times[0]!.getTime()).toBeGreaterThan(first!.getTime());
  });

  it('shows entries without a number, and what is no entry', async () => {
    await come('unnumbered', 0, 0, 1);
    await log.append(0, [Buffer.from('rubbish')]);
    await log.numbers().later();
    expect(await findings('unnumbered')).toEqual([['UNNUMBERED', 0, 0, false]]);
    expect(await findings('')).toEqual([['UNREADABLE', 0, 0, false]]);
  });
});
