import { createRequire } from 'node:module';

/** The parts of kafkajs 2.2.4's class `Batch` (src/consumer/batch.js) that are used here; none of them is in its types. */
export interface FetchedBatch {
  /** Offset that the fetch asked for. */
  fetchedOffset: string | number;
  rawMessages: readonly unknown[];
  messages: readonly unknown[];
  isEmpty(): boolean;
  isEmptyDueToFiltering(): boolean;
}

let applied = false;

/**
 * kafkajs skips a fetched batch in which every record is a transaction marker, aborted, or compacted away: its position moves on and
 * nobody is told. A position in PostgreSQL would stay behind such a stretch for ever and a lag of zero would never be seen. So a batch
 * counts as empty only when the broker sent no record at all; one without messages reaches the handler like any other.
 */
export function deliverFilteredBatches(): void {
  if (applied) return;
  const Batch = createRequire(import.meta.url)('kafkajs/src/consumer/batch.js') as { prototype: FetchedBatch };
  if (typeof Batch.prototype.isEmptyDueToFiltering !== 'function')
    throw new TypeError('This release of kafkajs is not the one that was read');
  Batch.prototype.isEmptyDueToFiltering = () => false;
  Batch.prototype.isEmpty = function isEmpty() {
    return this.rawMessages.length === 0;
  };
  applied = true;
}
