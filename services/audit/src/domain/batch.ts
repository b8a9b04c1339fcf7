import type { Batch } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { hashLength, leafHash } from './merkle.ts';

/** What the first batch of a shard, and the first head, name as the one before. */
export const nothingBefore = Buffer.alloc(hashLength);

/**
 * The record of a batch: a leaf of the heads' tree. Shard (4 bytes), first position (8), size (4), all big-endian, then the root over its entries and the hash of
 * the record before it in the shard.
 */
export function batchRecord({ shard, firstPosition, size, root, previous }: Batch): Buffer {
  const record = Buffer.alloc(16 + 2 * hashLength);
  record.writeInt32BE(shard, 0);
  record.writeBigInt64BE(firstPosition, 4);
  record.writeInt32BE(size, 12);
  record.set(root, 16);
  record.set(previous, 16 + hashLength);
  return record;
}

/** The end of a shard. */
export interface ShardEnd {
  nextPosition: bigint;
  /** Leaf hash of the record of its newest batch. */
  chain: Buffer;
}

/** Leaf hash of the record: what the next batch of the shard names as the one before. */
export const chainHash = (batch: Batch): Buffer => leafHash(batchRecord(batch));
