import { type Apply, type Decode, type Decoded, decoded, type RawMessage, type Rejected, rejected } from '@bankcrm/events';
import { chainHash } from '../domain/batch.ts';
import { indexOf } from '../domain/entry-index.ts';
import { leafHash, rootOf } from '../domain/merkle.ts';
import { numbersOf } from '../domain/numbering.ts';
import { appendBatch, holdShard, insertEntries, type Received, receivedBefore } from '../store/chain.ts';

const nothing = Buffer.alloc(0);

/** Whatever came is kept: what cannot be read as an entry is an entry that cannot be read. */
export const decodeEntry: Decode<Received> = (raw: RawMessage) => {
  const bytes = raw.value ?? nothing;
  return decoded(raw, { index: indexOf(bytes), bytes });
};

/**
 * Adds what one partition brought to its shard, as one batch in the order of the partition. An entry that is here already is passed over: services send again
 * what they cannot know to have arrived. Other bytes under an id that is taken are refused as `ENTRY_ID_TAKEN`.
 */
export const appendEntries: Apply<Received> = async (tx, items, { now }) => {
  const ordered = inTheirOrder(items);
  const shard = ordered[0]!.raw.partition;
  const end = { shard, ...(await holdShard(tx, shard)) };
  let { entries, refused } = apart(ordered, new Map());
  if (!(await insertEntries(tx, end, entries))) {
    const ids = ordered.map(({ value }) => value.index.entryId);
    ({ entries, refused } = apart(ordered, await receivedBefore(tx, ids)));
    if (entries.length > 0 && !(await insertEntries(tx, end, entries)))
      throw new Error('an entry came by two partitions at once');
  }
  if (entries.length === 0) return refused;
  const { nextPosition, chain } = end;
  const root = rootOf(entries.map(({ bytes }) => leafHash(bytes)));
  const record = { shard, firstPosition: nextPosition, size: entries.length, root, previous: chain };
  const numbers = numbersOf(entries.map(({ index }) => index));
  await appendBatch(tx, { record, chain: chainHash(record), numbers, now });
  return refused;
};

/** In the order of their partition. Offsets are read once: a message makes a number of its bytes each time it is asked. */
const inTheirOrder = (items: readonly Decoded<Received>[]): Decoded<Received>[] =>
  items
    .map((item) => ({ item, offset: item.raw.offset }))
    .sort((a, b) => (a.offset < b.offset ? -1 : 1))
    .map(({ item }) => item);

/** What is new and what is refused, by the entries that are here already. */
function apart(ordered: readonly Decoded<Received>[], before: ReadonlyMap<string, Uint8Array>) {
  const known = new Map(before);
  const entries: Received[] = [];
  const refused: Rejected[] = [];
  for (const { raw, value } of ordered) {
    const same = known.get(value.index.entryId);
    if (same === undefined) {
      known.set(value.index.entryId, value.bytes);
      entries.push(value);
    } else if (Buffer.compare(same, value.bytes) !== 0) {
      refused.push(rejected(raw, 'ENTRY_ID_TAKEN', 'entry_id'));
    }
  }
  return { entries, refused };
}
