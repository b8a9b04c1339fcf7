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
  /** An entry: its position, the bytes received, and the columns that are not what the bytes say. */
  add(position: bigint, received: Uint8Array, wrongColumns: readonly string[]): void;
  /** After the last one. */
  end(): void;
}

/** The batches follow one another in their shard, or leave gaps, of which nothing is told. Each is judged on its own, so that every place is named. */
export function checkEntries(batches: readonly ExpectedBatch[], report: Report, leaves: LeafSet = leafSet()): EntriesCheck {
  let at = 0;
  let batch = batches[0];
  let next = batch?.firstPosition ?? 0n;
  let end = batch ? endOf(batch) : 0n;
  let isWhole = true;

  const tell = (first: bigint, last: bigint, what: string): void => {
    const { shard, head, signTime } = batch!;
    report({ place: { of: 'ENTRIES', shard, first, last, head, signTime }, what });
  };
  const missing = (before: bigint): void => {
    if (next >= before) return;
    isWhole = false;
    tell(next, before - 1n, next + 1n === before ? 'the entry is missing' : 'entries are missing');
  };
  function close(): void {
    missing(end);
    const root = leaves.takeRoot();
    if (isWhole && !root.equals(batch!.root)) {
      const last = end - 1n;
      const what = batch!.size === 1 ? 'the entry was changed or replaced' : 'entries were changed, removed or swapped';
      tell(batch!.firstPosition, last, what);
    }
    at += 1;
    batch = batches[at];
    next = batch?.firstPosition ?? next;
    end = batch ? endOf(batch) : end;
    isWhole = true;
  }

  return {
    add(position, received, wrongColumns) {
      while (batch && position >= end) close();
      if (!batch || position < batch.firstPosition) return;
      if (position < next) {
        isWhole = false;
        tell(position, position, 'there is more than one entry');
        return;
      }
      if (position > next) missing(position);
      next = position + 1n;
      leaves.add(received);
      if (wrongColumns.length > 0) {
        tell(position, position, `what the entry is found by was changed: ${wrongColumns.join(', ')}`);
      }
    },
    end() {
      while (batch) close();
    },
  };
}

const endOf = ({ firstPosition, size }: ExpectedBatch): bigint => firstPosition + BigInt(size);
