import type { Tx } from '@bankcrm/database';
import type { Batch, SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import type { Frontier } from '../domain/merkle.ts';
import { hashesIn } from './heads.ts';

/** An entry, and the batch that holds it. */
export interface EntryInBatch {
  received: Buffer;
  position: bigint;
  batch: Batch;
  /** Of the head that covers the batch; null: none does yet. */
  headNumber: bigint | null;
}

/** Undefined: there is no such entry, or no batch that holds it. */
export async function entryInBatch(tx: Tx, entryId: string): Promise<EntryInBatch | undefined> {
  const { rows } = await tx.query<{
    shard: number;
    position: bigint;
    received: Buffer;
    first_position: bigint;
    size: number;
    root: Buffer;
    previous: Buffer;
    head_number: bigint | null;
  }>(
    `SELECT entry.shard, position, received, batch.first_position, size, root, previous, head_number
     FROM audit.entry CROSS JOIN LATERAL (
       SELECT * FROM audit.batch WHERE batch.shard = entry.shard AND first_position <= position ORDER BY first_position DESC LIMIT 1
     ) AS batch
     WHERE entry_id = $1`,
    [entryId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { shard, position, received, first_position, size, root, previous, head_number } = row;
  return { received, position, batch: { shard, firstPosition: first_position, size, root, previous }, headNumber: head_number };
}

/** Heads from one number to another one, both included. */
export async function signedHeads(tx: Tx, first: bigint, last: bigint): Promise<SignedHead[]> {
  const { rows } = await tx.query<SignedHead>(
    `SELECT head, signature, key_version AS "keyVersion" FROM audit.head WHERE number >= $1 AND number <= $2 ORDER BY number`,
    [first, last],
  );
  return rows;
}

/** The tree of all batches as a head left it; undefined where there is no such head. */
export async function frontierOf(tx: Tx, number: bigint): Promise<Frontier | undefined> {
  const { rows } = await tx.query<{ batch_count: bigint; frontier: Buffer }>(
    'SELECT batch_count, frontier FROM audit.head WHERE number = $1',
    [number],
  );
  return rows[0] && { size: rows[0].batch_count, hashes: hashesIn(rows[0].frontier) };
}
