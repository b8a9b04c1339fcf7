import type { ShardEnd } from '../domain/batch.ts';
import type { StoredBatch, StoredHead } from '../domain/rows-check.ts';
import type { PositionRange, Snapshot } from './entry-rows.ts';

/** Number of the newest head that is noted to be in both anchors; 0: none is. */
export async function anchoredUpTo(tx: Snapshot): Promise<bigint> {
  const { rows } = await tx.query<{ number: bigint }>(
    'SELECT coalesce(max(number), 0) AS number FROM audit.head WHERE anchor_time IS NOT NULL',
  );
  return rows[0]!.number;
}

/** About how many entries there are, for people who wait. */
export async function entriesNoted(tx: Snapshot): Promise<bigint> {
  const { rows } = await tx.query<{ count: bigint }>('SELECT coalesce(sum(next_position), 0)::int8 AS count FROM audit.shard');
  return rows[0]!.count;
}

/** Rows of heads from one number to another one, both included: the first so many. */
export async function headRows(tx: Snapshot, first: bigint, last: bigint, limit?: number): Promise<StoredHead[]> {
  const { rows } = await tx.query<StoredHead>(
    `SELECT number, head, signature, key_version AS "keyVersion", sign_time AS "signTime", entry_count AS "entryCount", batch_count AS "batchCount",
       frontier, anchor_time AS "anchorTime"
     FROM audit.head WHERE number >= $1 AND number <= $2 ORDER BY number LIMIT $3`,
    [first, last, limit],
  );
  return rows;
}

/** Numbers of the rows of heads below 1. */
export async function strayHeads(tx: Snapshot): Promise<bigint[]> {
  const { rows } = await tx.query<{ number: bigint }>(
    'SELECT number FROM audit.head WHERE number < 1 ORDER BY number LIMIT 1000',
  );
  return rows.map(({ number }) => number);
}

/** Rows of batches that begin in these ranges, each shard's in their order: the first so many. */
export async function batchRows(tx: Snapshot, ranges: readonly PositionRange[], limit?: number): Promise<StoredBatch[]> {
  const { rows } = await tx.query<StoredBatch>(
    `SELECT batch.shard, first_position AS "firstPosition", size, root, previous, head_number AS "headNumber"
     FROM unnest($1::int4[], $2::int8[], $3::int8[]) AS range (shard, first, after)
     JOIN audit.batch ON batch.shard = range.shard AND first_position >= range.first AND first_position < range.after
     ORDER BY batch.shard, first_position LIMIT $4`,
    [ranges.map(({ shard }) => shard), ranges.map(({ start }) => start), ranges.map(({ end }) => end), limit],
  );
  return rows;
}

/** Where each shard ends by audit.shard. */
export async function shardEnds(tx: Snapshot): Promise<Map<number, ShardEnd>> {
  const { rows } = await tx.query<{ shard: number; next_position: bigint; chain: Buffer }>(
    'SELECT shard, next_position, chain FROM audit.shard ORDER BY shard',
  );
  return new Map(rows.map(({ shard, next_position, chain }) => [shard, { nextPosition: next_position, chain }]));
}

/** Every shard that any table knows, found by steps from one to the next: there are few, and their rows are many. */
export async function knownShards(tx: Snapshot): Promise<number[]> {
  const { rows } = await tx.query<{ shard: number }>(
    `WITH RECURSIVE step AS (
       SELECT least((SELECT min(shard) FROM audit.entry), (SELECT min(shard) FROM audit.batch)) AS shard
       UNION ALL
       SELECT least(
         (SELECT min(entry.shard) FROM audit.entry WHERE entry.shard > step.shard), (SELECT min(batch.shard) FROM audit.batch WHERE batch.shard > step.shard))
       FROM step WHERE step.shard IS NOT NULL
     )
     SELECT shard FROM step WHERE shard IS NOT NULL`,
  );
  return rows.map(({ shard }) => shard);
}

/** Places of entries in ranges where there should be none, the first so many of each. */
export async function entriesIn(
  tx: Snapshot,
  ranges: readonly PositionRange[],
  limit: number,
): Promise<{ shard: number; position: bigint }[]> {
  const { rows } = await tx.query<{ shard: number; position: bigint }>(
    `SELECT range.shard, position
     FROM unnest($1::int4[], $2::int8[], $3::int8[]) AS range (shard, first, after)
     CROSS JOIN LATERAL (
       SELECT position FROM audit.entry
       WHERE entry.shard = range.shard AND position >= range.first AND position < range.after ORDER BY position LIMIT $4
     ) AS entry
     ORDER BY range.shard, position`,
    [ranges.map(({ shard }) => shard), ranges.map(({ start }) => start), ranges.map(({ end }) => end), limit],
  );
  return rows;
}

/** Places of entries that share their id with another one, the first so many. A unique index that is in force has none to find. */
export async function doubleIds(tx: Snapshot, limit: number): Promise<{ shard: number; position: bigint }[]> {
  const { rows: indexes } = await tx.query(
    `SELECT FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
     WHERE indrelid = 'audit.entry'::regclass AND indisunique AND indisvalid AND indisready AND indnatts = 1 AND indpred IS NULL AND attname = 'entry_id'`,
  );
  if (indexes.length > 0) return [];
  const { rows } = await tx.query<{ shard: number; position: bigint }>(
    `SELECT shard, position FROM (SELECT shard, position, count(*) OVER (PARTITION BY entry_id) AS count FROM audit.entry) AS entry
     WHERE count > 1 ORDER BY shard, position LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Entries that no head up to this one covers, and when the oldest of them came. */
export async function unanchored(tx: Snapshot, newest: bigint): Promise<{ entries: bigint; since: Date | undefined }> {
  const { rows } = await tx.query<{ entries: bigint; since: Date | null }>(
    'SELECT coalesce(sum(size), 0)::int8 AS entries, min(receive_time) AS since FROM audit.batch WHERE head_number IS NULL OR head_number > $1',
    [newest],
  );
  return { entries: rows[0]!.entries, since: rows[0]!.since ?? undefined };
}
