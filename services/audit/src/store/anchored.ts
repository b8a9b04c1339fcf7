import type { Tx } from '@bankcrm/database';
import type { NumberedHead } from '../domain/head.ts';

/** The newest head in both anchors. */
export type AnchoredHead = NumberedHead & { signTime: Date; entryCount: bigint };

/** And how far it covers each shard. */
export interface Anchored {
  head: AnchoredHead;
  /** By shard: the position after the last entry covered; null for a shard that there is none of. */
  ends: (bigint | null)[];
}

/** Undefined before the first head is anchored. */
export async function newestAnchoredHead(tx: Tx): Promise<AnchoredHead | undefined> {
  const { rows } = await tx.query<AnchoredHead>(
    `SELECT number, head, signature, key_version AS "keyVersion", sign_time AS "signTime", entry_count AS "entryCount" FROM audit.head
     WHERE anchor_time IS NOT NULL ORDER BY number DESC LIMIT 1`,
  );
  return rows[0];
}

/** What is anchored; undefined before the first head is. */
export async function newestAnchored(tx: Tx): Promise<Anchored | undefined> {
  const head = await newestAnchoredHead(tx);
  if (head === undefined) return undefined;
  const { rows: shards } = await tx.query<{ shard: number; covered: bigint | null }>(
    `SELECT shard, (
       SELECT first_position + size FROM audit.batch WHERE batch.shard = shard.shard AND head_number <= $1
       ORDER BY first_position DESC LIMIT 1) AS covered
     FROM audit.shard`,
    [head.number],
  );
  const ends = Array.from({ length: 1 + Math.max(-1, ...shards.map(({ shard }) => shard)) }, (): bigint | null => null);
  for (const { shard, covered } of shards) ends[shard] = covered;
  return { head, ends };
}
