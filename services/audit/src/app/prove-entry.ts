import { registry } from '@bankcrm/proto/descriptors';
import { type Batch, Head, type SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { chainHash } from '../domain/batch.ts';
import { indexOf } from '../domain/entry-index.ts';
import {
  append,
  consistencyPath,
  emptyFrontier,
  type Frontier,
  frontierRoot,
  inclusionPath,
  leafHash,
  subtreesAfter,
  subtreesOf,
} from '../domain/merkle.ts';
import type { Proof } from '../domain/proof.ts';
import { newestAnchoredHead } from '../store/anchored.ts';
import { readEntries, type Snapshot } from '../store/entry-rows.ts';
import { entryInBatch, frontierOf, signedHeads } from '../store/proof-rows.ts';

/** Why there is no proof. */
export class NoProof extends Error {}

const headsAtOnce = 1_000n;

/**
 * Proves that an entry stands in the log: paths from its bytes to a signed head, and from that to the newest anchored one. Throws NoProof for an entry that is not
 * there or that no anchored head covers yet. What it gives holds only where the log is whole.
 */
export async function proveEntry(tx: Snapshot, entryId: string): Promise<Proof> {
  const found = await entryInBatch(tx, entryId);
  if (found === undefined) throw new NoProof(`auditEntries/${entryId} is not in the log`);
  const { received, position, batch, headNumber } = found;
  const newest = await newestAnchoredHead(tx);
  if (headNumber === null || newest === undefined || headNumber > newest.number) {
    throw new NoProof(`no anchored head covers auditEntries/${entryId} yet: it came a moment ago`);
  }
  const [covering] = await signedHeads(tx, headNumber, headNumber);
  const before = headNumber === 1n ? emptyFrontier : await frontierOf(tx, headNumber - 1n);
  if (covering === undefined || before === undefined)
    throw new NoProof(`head ${headNumber} or the one before it is missing: verify the log`);
  const { batches } = Head.decode(covering.head);
  const within = batches.findIndex((one) => one.shard === batch.shard && one.firstPosition === batch.firstPosition);
  if (within < 0) throw new NoProof(`head ${headNumber} does not name the batch of the entry: verify the log`);

  const chain = batches.map(chainHash);
  const size = before.size + BigInt(batches.length);
  const index = before.size + BigInt(within);
  const grown = chain.reduce(append, before);
  return {
    format: 'bankcrm audit proof v1',
    entry: {
      name: `auditEntries/${entryId}`,
      received: text(received),
      shard: batch.shard,
      position: String(position),
      read: readable(received),
    },
    batch: {
      firstPosition: String(batch.firstPosition),
      size: batch.size,
      root: text(batch.root),
      previous: text(batch.previous),
      path: (await entryPath(tx, batch, position)).map(text),
    },
    head: {
      ...signedText(covering),
      index: String(index),
      path: inclusionPath(index, size, subtreesAfter(before, chain)).map(text),
    },
    newest: { ...signedText(newest), path: (await pathToNewest(tx, grown, headNumber, newest)).map(text) },
  };
}

/** For people who open the file; a check reads the bytes. */
const readable = (received: Uint8Array): unknown =>
  indexOf(received).readable ? toJson(entryType, fromBinary(entryType, received), { registry }) : null;

const entryType = registry.getMessage('bankcrm.audit.v1.Entry')!;

async function entryPath(tx: Snapshot, { shard, firstPosition, size }: Batch, position: bigint): Promise<Buffer[]> {
  const leaves: Buffer[] = [];
  const range = { shard, start: firstPosition, end: firstPosition + BigInt(size) };
  await readEntries(tx, range, (_position, bytes, start, behind) => void leaves.push(leafHash(bytes.subarray(start, behind))));
  if (leaves.length !== size)
    throw new NoProof(`entries of the batch at position ${firstPosition} of shard ${shard} are missing: verify the log`);
  return inclusionPath(position - firstPosition, BigInt(size), subtreesOf(leaves));
}

/** The consistency path from the tree of a head to that of the newest one. Batches in between are read once, and none is kept. */
async function pathToNewest(
  tx: Snapshot,
  older: Frontier,
  number: bigint,
  newest: SignedHead & { number: bigint },
): Promise<Buffer[]> {
  const { batchCount } = Head.decode(newest.head);
  const known = subtreesAfter(older, []);
  // First the subtrees that the path needs, then their roots: those behind the older tree grow as batches are read.
  const growing: { start: bigint; end: bigint; frontier: Frontier }[] = [];
  const path = consistencyPath(older.size, batchCount, (start, end) => {
    if (end <= older.size) return known(start, end);
    growing.push({ start, end, frontier: emptyFrontier });
    return placeholder;
  });
  let index = older.size;
  for (let first = number + 1n; first <= newest.number; first += headsAtOnce) {
    const last = first + headsAtOnce - 1n;
    for (const { head } of await signedHeads(tx, first, last < newest.number ? last : newest.number)) {
      for (const batch of Head.decode(head).batches) {
        for (const subtree of growing) {
          if (index >= subtree.start && index < subtree.end) subtree.frontier = append(subtree.frontier, chainHash(batch));
        }
        index += 1n;
      }
    }
  }
  let next = 0;
  return path.map((hash) => (hash === placeholder ? frontierRoot(growing[next++]!.frontier) : hash));
}

const placeholder = Buffer.alloc(0);

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const signedText = ({ head, signature, keyVersion }: SignedHead) => ({
  head: text(head),
  signature: text(signature),
  keyVersion,
});
