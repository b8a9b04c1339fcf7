import type { Tx } from '@bankcrm/database';
import type { Batch, SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { chainHash, type ShardEnd } from '../domain/batch.ts';
import { beforeFirstHead, type HeadState, type NumberedHead, stateOf } from '../domain/head.ts';
import { hashLength } from '../domain/merkle.ts';

/** Whether this transaction is the one that makes and anchors heads, among all replicas, until it ends. */
export async function mayMakeHeads(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ may: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('bankcrm/audit/heads', 0)) AS may`,
  );
  return rows[0]!.may;
}

/** Where the heads stand. */
export async function headState(tx: Tx): Promise<HeadState> {
  const { rows } = await tx.query<{ number: bigint; head: Buffer; entry_count: bigint; batch_count: bigint; frontier: Buffer }>(
    'SELECT number, head, entry_count, batch_count, frontier FROM audit.head ORDER BY number DESC LIMIT 1',
  );
  const [row] = rows;
  if (row === undefined) return beforeFirstHead;
  const { number, head, entry_count, batch_count, frontier } = row;
  return stateOf({ number, head, entryCount: entry_count, batchCount: batch_count, frontier: hashesIn(frontier) });
}

/** The ends of shards by the newest batches that heads cover. */
export async function coveredEnds(tx: Tx, shards: readonly number[]): Promise<Map<number, ShardEnd>> {
  const { rows } = await tx.query<BatchRow>(
    `SELECT newest.* FROM unnest($1::int4[]) AS one (shard) CROSS JOIN LATERAL (
       SELECT shard, first_position, size, root, previous FROM audit.batch
       WHERE batch.shard = one.shard AND head_number IS NOT NULL ORDER BY first_position DESC LIMIT 1) AS newest`,
    [shards],
  );
  const batches = rows.map(batchOf);
  return new Map(
    batches.map((batch) => [batch.shard, { nextPosition: batch.firstPosition + BigInt(batch.size), chain: chainHash(batch) }]),
  );
}

/** Batches that no head covers, each shard's in their order. */
export async function batchesWithoutHead(tx: Tx, limit: number): Promise<Batch[]> {
  const { rows } = await tx.query<BatchRow>(
    `SELECT shard, first_position, size, root, previous FROM audit.batch WHERE head_number IS NULL
     ORDER BY shard, first_position LIMIT $1`,
    [limit],
  );
  return rows.map(batchOf);
}

/** Keeps a head, and notes with its batches that it covers them. */
export async function insertHead(
  tx: Tx,
  {
    head,
    signature,
    keyVersion,
    signTime,
    state,
    batches,
  }: SignedHead & { signTime: Date; state: HeadState; batches: readonly Batch[] },
): Promise<void> {
  await tx.query(
    `WITH covered AS (
       UPDATE audit.batch SET head_number = $1
       FROM unnest($9::int4[], $10::int8[]) AS one (shard, first_position)
       WHERE batch.shard = one.shard AND batch.first_position = one.first_position
     )
     INSERT INTO audit.head (number, head, signature, key_version, sign_time, entry_count, batch_count, frontier)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      state.number,
      head,
      signature,
      keyVersion,
      signTime,
      state.entryCount,
      state.frontier.size,
      Buffer.concat(state.frontier.hashes),
      batches.map(({ shard }) => shard),
      batches.map(({ firstPosition }) => firstPosition),
    ],
  );
}

/** Heads that are not in both anchors yet, in their order. */
export async function headsToAnchor(tx: Tx, limit: number): Promise<NumberedHead[]> {
  const { rows } = await tx.query<{ number: bigint; head: Buffer; signature: Buffer; key_version: number }>(
    'SELECT number, head, signature, key_version FROM audit.head WHERE anchor_time IS NULL ORDER BY number LIMIT $1',
    [limit],
  );
  return rows.map(({ number, head, signature, key_version }) => ({ number, head, signature, keyVersion: key_version }));
}

/** Notes that these heads count from now on. */
export async function noteAnchored(tx: Tx, heads: readonly NumberedHead[], now: Date): Promise<void> {
  await tx.query('UPDATE audit.head SET anchor_time = $2 WHERE number = ANY ($1::int8[])', [
    heads.map(({ number }) => number),
    now,
  ]);
}

/** The hashes of a frontier, one behind the other. */
export function hashesIn(bytes: Buffer): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += hashLength) hashes.push(bytes.subarray(at, at + hashLength));
  return hashes;
}

interface BatchRow {
  shard: number;
  first_position: bigint;
  size: number;
  root: Buffer;
  previous: Buffer;
}

const batchOf = ({ first_position, ...row }: BatchRow): Batch => ({ ...row, firstPosition: first_position });
