/**
 * What one comparison of a range says. UNDECIDED: rows newer than the cut have taken the place of some that were counted, and nothing tells which
 * versions those had.
 */
export type Finding = 'AGREES' | 'DIFFERS' | 'UNDECIDED';

/** What a source has counted in a range as of a cut. */
export interface Expected {
  count: bigint;
  checksum: Uint8Array;
}

/** The rows stored in the same range. */
export interface Stored {
  /** Stored in the version that they had at the cut. */
  settled: bigint;
  /** There at the cut, stored in a newer version. */
  renewed: bigint;
  /** Stored in a newer version, and perhaps not there yet at the cut. */
  unclear: bigint;
  /** Over all of them. */
  checksum: Uint8Array;
}

/** A row too many or missing shows in the count even while rows change; a version that is not the expected one only when none has. */
export function findingOf(expected: Expected, stored: Stored): Finding {
  const least = stored.settled + stored.renewed;
  if (expected.count < least || expected.count > least + stored.unclear) return 'DIFFERS';
  if (stored.renewed + stored.unclear > 0n) return 'UNDECIDED';
  return Buffer.compare(expected.checksum, stored.checksum) === 0 ? 'AGREES' : 'DIFFERS';
}

/** What was known of a range before it was compared once more; null before the first time. */
export interface Known {
  finding: Finding | null;
  compareTime: Date | null;
  /** Since when the range differs; null while it is not known to. */
  differTime: Date | null;
}

/**
 * Since when a range differs, after one more finding. Differs what was found different twice in a row: totals may overtake what they count, and then
 * the first comparison comes too early. From then on only a range found equal differs no longer.
 */
export function differsSince(known: Known, finding: Finding): Date | null {
  switch (finding) {
    case 'AGREES':
      return null;
    case 'UNDECIDED':
      return known.differTime;
    case 'DIFFERS':
      return known.differTime ?? (known.finding === 'DIFFERS' ? known.compareTime : null);
  }
}

/** Where a partition stands, and where it ends. */
export interface Position {
  partition: number;
  nextOffset: bigint;
  highWatermark: bigint;
  /** Set while the partition stands still: its position says nothing then. */
  stopped: object | null;
}

/** Whether all is applied that stood in a topic when its ends were read. */
export const isPast = (ends: readonly Position[], now: readonly Position[]): boolean =>
  ends.every(({ partition, highWatermark }) =>
    now.some((at) => at.partition === partition && at.stopped === null && at.nextOffset >= highWatermark),
  );
