import type { Batch } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import type { Report } from './finding.ts';
import type { CheckedHead } from './head-chain.ts';

/** What the database has of a head. */
export interface StoredHead {
  number: bigint;
  head: Buffer;
  signature: Buffer;
  keyVersion: number;
  signTime: Date;
  entryCount: bigint;
  batchCount: bigint;
  frontier: Buffer;
  anchorTime: Date | null;
}

/** What the database has of a batch. */
export interface StoredBatch extends Batch {
  headNumber: bigint | null;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Compares rows of heads, in their order, with the heads that the anchors have. Heads up to `anchoredBefore` have to be noted as anchored. */
export function compareHeads(
  heads: readonly CheckedHead[],
  rows: readonly StoredHead[],
  { anchoredUpTo, report }: { anchoredUpTo: bigint; report: Report },
): void {
  const byNumber = new Map(heads.map((head) => [head.number, head]));
  const seen = new Set<bigint>();
  for (const row of rows) {
    const place = { of: 'HEAD', head: row.number } as const;
    const head = byNumber.get(row.number);
    if (head === undefined) {
      report({ place, what: 'no anchor has it' });
      continue;
    }
    if (seen.has(row.number)) report({ place, what: 'there is more than one row' });
    seen.add(row.number);
    const wrong = differencesOf(row, head);
    if (row.anchorTime === null && row.number < anchoredUpTo) wrong.push('anchor_time');
    if (wrong.length > 0) report({ place, what: `not what is anchored: ${wrong.join(', ')}` });
  }
  for (const { number } of heads)
    if (!seen.has(number)) report({ place: { of: 'HEAD', head: number }, what: 'missing, though anchored' });
}

/** Columns of a row that do not fit a head. */
export function differencesOf(row: StoredHead, { signed, signTime, entryCount, batchCount, frontier }: CheckedHead): string[] {
  const wrong: string[] = [];
  if (!same(row.head, signed.head)) wrong.push('head');
  if (!same(row.signature, signed.signature)) wrong.push('signature');
  if (row.keyVersion !== signed.keyVersion) wrong.push('key_version');
  if (row.signTime.getTime() !== signTime.getTime()) wrong.push('sign_time');
  if (row.entryCount !== entryCount) wrong.push('entry_count');
  if (row.batchCount !== batchCount) wrong.push('batch_count');
  if (frontier && !same(row.frontier, Buffer.concat(frontier.hashes))) wrong.push('frontier');
  return wrong;
}

/** Compares rows of batches with those that heads name. */
export function compareBatches(heads: readonly CheckedHead[], rows: readonly StoredBatch[], report: Report): void {
  const stored = new Map<string, StoredBatch>();
  for (const row of rows) {
    if (stored.has(keyOf(row))) report({ place: placeOf(row, row.headNumber ?? undefined), what: 'there is more than one row' });
    stored.set(keyOf(row), row);
  }
  for (const { number, batches } of heads) {
    for (const batch of batches) {
      const place = placeOf(batch, number);
      const row = stored.get(keyOf(batch));
      stored.delete(keyOf(batch));
      if (row === undefined) {
        report({ place, what: 'missing, though a head names it' });
        continue;
      }
      const wrong = [
        ...(row.size === batch.size ? [] : ['size']),
        ...(same(row.root, batch.root) ? [] : ['root']),
        ...(same(row.previous, batch.previous) ? [] : ['previous']),
        ...(row.headNumber === number ? [] : ['head_number']),
      ];
      if (wrong.length > 0) report({ place, what: `not what the head names: ${wrong.join(', ')}` });
    }
  }
  for (const row of stored.values()) report({ place: placeOf(row, row.headNumber ?? undefined), what: 'no head names it' });
}

const keyOf = ({ shard, firstPosition }: Batch): string => `${shard}/${firstPosition}`;

/** Where a batch stands, for a finding about its record. */
export const placeOf = ({ shard, firstPosition, size }: Batch, head: bigint | undefined) =>
  ({ of: 'BATCH', shard, first: firstPosition, last: firstPosition + BigInt(Math.max(size, 1)) - 1n, head }) as const;
