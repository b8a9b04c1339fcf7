import { type Apply, type Decode, decoded, type RawMessage, rejected } from '@bankcrm/events';
import { chainHash } from '../domain/batch.ts';
import { indexOf } from '../domain/entry-index.ts';
import { leafHash, rootOf } from '../domain/merkle.ts';
import { numbersOf } from '../domain/numbering.ts';
import { appendBatch, holdShard, type Received, receivedBefore } from '../store/chain.ts';

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
  const ordered = items.toSorted((a, b) => (a.raw.offset < b.raw.offset ? -1 : 1));
  const known: Map<string, Uint8Array> = await receivedBefore(
    tx,
    ordered.map(({ value }) => value.index.entryId),
  );
  const entries: Received[] = [];
  const refused = [];
  for (const { raw, value } of ordered) {
    const before = known.get(value.index.entryId);
    if (before === undefined) {
      known.set(value.index.entryId, value.bytes);
      entries.push(value);
    } else if (Buffer.compare(before, value.bytes) !== 0) {
      refused.push(rejected(raw, 'ENTRY_ID_TAKEN', 'entry_id'));
    }
  }
  if (entries.length === 0) return refused;
  const { shard, nextPosition, chain } = await holdShard(tx, ordered[0]!.raw.partition);
  const root = rootOf(entries.map(({ bytes }) => leafHash(bytes)));
  const record = { shard, firstPosition: nextPosition, size: entries.length, root, previous: chain };
  const numbers = numbersOf(entries.map(({ index }) => index));
  await appendBatch(tx, { record, chain: chainHash(record), entries, numbers, now });
  return refused;
};
