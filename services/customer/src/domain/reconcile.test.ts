import { describe, expect, it } from 'vitest';
import { differsSince, type Finding, findingOf, isPast, type Known, type Stored } from './reconcile.ts';

const checksum = Buffer.from('right');
const stored = (rows: Partial<Stored>): Stored => ({ settled: 0n, renewed: 0n, unclear: 0n, checksum, ...rows });
const found = (count: bigint, rows: Partial<Stored>): Finding => findingOf({ count, checksum }, stored(rows));

describe('a range', () => {
  it('agrees where count and checksum do and nothing is newer than the cut', () => {
    expect(found(3n, { settled: 3n })).toBe('AGREES');
    expect(found(0n, {})).toBe('AGREES');
  });

  it('differs by its count, and at the same count by its versions', () => {
    expect(found(3n, { settled: 2n })).toBe('DIFFERS');
    expect(found(3n, { settled: 4n })).toBe('DIFFERS');
    expect(found(3n, { settled: 3n, checksum: Buffer.from('wrong') })).toBe('DIFFERS');
  });

  it('cannot be compared where newer versions stand in the place of counted ones', () => {
    expect(found(3n, { settled: 2n, renewed: 1n, checksum: Buffer.from('other') })).toBe('UNDECIDED');
    // One of the two came after the cut, or none of them and a row is missing: the count alone cannot tell.
    expect(found(3n, { settled: 2n, unclear: 2n })).toBe('UNDECIDED');
    expect(found(3n, { settled: 3n, unclear: 1n })).toBe('UNDECIDED');
  });

  it('differs all the same where no reading of the newer rows makes up the count', () => {
    expect(found(4n, { settled: 2n, renewed: 1n })).toBe('DIFFERS');
    expect(found(5n, { settled: 2n, unclear: 2n })).toBe('DIFFERS');
    expect(found(2n, { settled: 2n, renewed: 1n })).toBe('DIFFERS');
  });
});

describe('that a range differs', () => {
  const [one, two] = [new Date('2026-11-27T08:00:00Z'), new Date('2026-11-27T08:15:00Z')];
  const known = (finding: Finding | null, compareTime: Date | null, differTime: Date | null = null): Known => ({
    finding,
    compareTime,
    differTime,
  });

  it('is not said before it was found so twice in a row, and then since the first time', () => {
    expect(differsSince(known(null, null), 'DIFFERS')).toBeNull();
    expect(differsSince(known('AGREES', one), 'DIFFERS')).toBeNull();
    expect(differsSince(known('UNDECIDED', one), 'DIFFERS')).toBeNull();
    expect(differsSince(known('DIFFERS', one), 'DIFFERS')).toBe(one);
    expect(differsSince(known('DIFFERS', two, one), 'DIFFERS')).toBe(one);
  });

  it('holds while nothing can be compared, and ends with the first agreement', () => {
    expect(differsSince(known('DIFFERS', two, one), 'UNDECIDED')).toBe(one);
    expect(differsSince(known('UNDECIDED', two, one), 'DIFFERS')).toBe(one);
    expect(differsSince(known('DIFFERS', one), 'UNDECIDED')).toBeNull();
    expect(differsSince(known('DIFFERS', two, one), 'AGREES')).toBeNull();
  });
});

it('a topic is past its ends when each partition is, and none of them stands still', () => {
  const at = (partition: number, nextOffset: bigint, highWatermark: bigint, stopped: object | null = null) => ({
    partition,
    nextOffset,
    highWatermark,
    stopped,
  });
  const ends = [at(0, 0n, 5n), at(1, 0n, 0n)];
  expect(isPast(ends, [at(0, 5n, 9n), at(1, 0n, 0n)])).toBe(true);
  expect(isPast(ends, [at(0, 4n, 9n), at(1, 7n, 7n)])).toBe(false);
  expect(isPast(ends, [at(0, 5n, 9n)])).toBe(false);
  expect(isPast(ends, [at(0, 5000n, 9n, {}), at(1, 0n, 0n)])).toBe(false);
});
