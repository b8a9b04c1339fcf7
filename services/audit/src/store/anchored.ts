import type { Tx } from '@bankcrm/database';
import type { NumberedHead } from '../domain/head.ts';

/** The newest head in both anchors, and how far it covers each shard. */
export interface Anchored {
  head: NumberedHead & { signTime: Date };
  /** By shard: the position after the last entry covered; null for a shard that there is none of. */
  ends: (bigint | null)[];
}

/** What is anchored; undefined before the first head is. */
export async function newestAnchored(tx: Tx): Promise<Anchored | undefined> {
  const { rows: heads } = await tx.query<{
    number: bigint;
    head: Buffer;
    signature: Buffer;
    key_version: number;
    sign_time: Date;
  }>(
    `SELECT number, head, signature, key_version, sign_time FROM audit.head
     WHERE anchor_time IS NOT NULL ORDER BY number DESC LIMIT 1`,
  );
  const [row] = heads;
  if (row === undefined) return undefined;
  const { rows: shards } = await tx.query<{ shard: number; covered: bigint | null }>(
    `SELECT shard, (
       SELECT first_position + size FROM audit.batch WHERE batch.shard = shard.shard AND head_number <= $1
       ORDER BY first_position DESC LIMIT 1) AS covered
     FROM audit.shard`,
    [row.number],
  );
  const ends = Array.from({ length: 1 + Math.max(-1, ...shards.map(({ shard }) => shard)) }, (): bigint | null => null);
  for (const { shard, covered } of shards) ends[shard] = covered;
  const { number, head, signature, key_version, sign_time } = row;
  return { head: { number, head, signature, keyVersion: key_version, signTime: sign_time }, ends };
}
