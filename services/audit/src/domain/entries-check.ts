import type { Report } from './finding.ts';
import { type LeafSet, leafSet } from './merkle.ts';

/** A batch as it has to be. */
export interface ExpectedBatch {
  shard: number;
  firstPosition: bigint;
  size: number;
  root: Uint8Array;
  /** The head that covers it, and when that was signed; undefined for one without a head. */
  head: bigint | undefined;
  signTime: Date | undefined;
}

/** Checks the entries of a shard, read in the order of their positions. */
export interface EntriesCheck {
  /** An entry: its position, where the bytes received stand in others, and the columns that are not what the bytes say. */
  add(position: number, bytes: Uint8Array, start: number, end: number, wrongColumns: readonly string[]): void;
  /** After the last one. */
  end(): void;
}

/** The batches follow one another in their shard, or leave gaps, of which nothing is told. Each is judged on its own, so that every place is named. */
export function checkEntries(batches: readonly ExpectedBatch[], report: Report, leaves: LeafSet = leafSet()): EntriesCheck {
  // Plain numbers: they are compared for every entry.
  let at = 0;
  let batch = batches[0];
  let first = 0;
  let end = 0;
  let next = 0;
  let isWhole = true;
  function begin(): void {
    batch = batches[at];
    if (batch === undefined) return;
    first = Number(batch.firstPosition);
    end = first + batch.size;
    next = first;
    isWhole = true;
  }
  begin();

  const tell = (from: number, to: number, what: string): void => {
    const { shard, head, signTime } = batch!;
    report({ place: { of: 'ENTRIES', shard, first: BigInt(from), last: BigInt(to), head, signTime }, what });
  };
  const missing = (before: number): void => {
    if (next >= before) return;
    isWhole = false;
    tell(next, before - 1, next + 1 === before ? 'the entry is missing' : 'entries are missing');
  };
  function close(): void {
    missing(end);
    const root = leaves.takeRoot();
    if (isWhole && !root.equals(batch!.root)) {
      const what = batch!.size === 1 ? 'the entry was changed or replaced' : 'entries were changed, removed or swapped';
      tell(first, end - 1, what);
    }
    at += 1;
    begin();
  }

  return {
    add(position, bytes, start, behind, wrongColumns) {
      while (batch && position >= end) close();
      if (!batch || position < first) return;
      if (position < next) {
        isWhole = false;
        tell(position, position, 'there is more than one entry');
        return;
      }
      if (position > next) missing(position);
      next = position + 1;
      leaves.add(bytes, start, behind);
      if (wrongColumns.length > 0) {
        tell(position, position, `what the entry is found by was changed: ${wrongColumns.join(', ')}`);
      }
    },
    end() {
      while (batch) close();
    },
  };
}
