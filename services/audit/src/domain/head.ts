import { sha256 } from '@bankcrm/kernel';
import { type Batch, Head, type SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { chainHash, nothingBefore, type ShardEnd } from './batch.ts';
import { append, emptyFrontier, type Frontier, frontierRoot } from './merkle.ts';

/** A signed head with its number. */
export type NumberedHead = SignedHead & { number: bigint };

/** A place outside of the database that keeps heads and lets nobody take them back. */
export interface Anchor {
  /**
   * Keeps heads behind those that it has. Returns when they cannot be lost any more. A head that it has already may be passed over; another one of a number that it
   * has is refused with an error, where the place can tell: somebody has rewritten the database or set it back.
   */
  keep(heads: readonly NumberedHead[]): Promise<void>;
}

/** Where the heads stand: what the next one grows from. */
export interface HeadState {
  number: bigint;
  /** SHA-256 of the newest head's bytes. */
  hash: Buffer;
  entryCount: bigint;
  /** Of the tree of all batches. */
  frontier: Frontier;
}

export const beforeFirstHead: HeadState = { number: 0n, hash: nothingBefore, entryCount: 0n, frontier: emptyFrontier };

/** What is kept beside a head to make the next one from. */
export interface KeptHead {
  number: bigint;
  head: Uint8Array;
  entryCount: bigint;
  batchCount: bigint;
  frontier: readonly Buffer[];
}

/**
 * Where the heads stand by the newest one that is kept. Throws where what is kept beside it is not what was signed: a head that grew from it would be wrong for ever, and so
 * would all after it.
 */
export function stateOf({ number, head, entryCount, batchCount, frontier }: KeptHead): HeadState {
  const signed = Head.decode(head);
  const state = { number, hash: headHash(head), entryCount, frontier: { size: batchCount, hashes: frontier } };
  const isRight =
    signed.number === number &&
    signed.entryCount === entryCount &&
    signed.batchCount === batchCount &&
    frontierRoot(state.frontier).equals(signed.root);
  if (!isRight) throw new Error(`what is kept beside head ${number} is not what was signed: the database was rewritten`);
  return state;
}

/** Throws where a batch does not follow the one before it in its shard: the database was rewritten, and a head over it would never be right. */
export function requireFollowing(batches: readonly Batch[], ends: ReadonlyMap<number, ShardEnd>): void {
  const at = new Map(ends);
  for (const batch of batches) {
    const { nextPosition, chain } = at.get(batch.shard) ?? { nextPosition: 0n, chain: nothingBefore };
    if (batch.firstPosition !== nextPosition || !chain.equals(batch.previous))
      throw new Error(
        `the batch at position ${batch.firstPosition} of shard ${batch.shard} does not follow: the database was rewritten`,
      );
    at.set(batch.shard, { nextPosition: nextPosition + BigInt(batch.size), chain: chainHash(batch) });
  }
}

/** The head that comes next and covers these batches, and where the heads stand then. */
export function nextHead(state: HeadState, batches: readonly Batch[], signTime: Date): { bytes: Buffer; state: HeadState } {
  const frontier = batches.map(chainHash).reduce(append, state.frontier);
  const head: Head = {
    number: state.number + 1n,
    signTime,
    previous: state.hash,
    batchCount: frontier.size,
    root: frontierRoot(frontier),
    entryCount: state.entryCount + batches.reduce((sum, { size }) => sum + BigInt(size), 0n),
    batches: [...batches],
  };
  const bytes = Buffer.from(Head.encode(head).finish());
  return { bytes, state: { number: head.number, hash: headHash(bytes), entryCount: head.entryCount, frontier } };
}

/** SHA-256 of a head's bytes: what the next head names as the one before. */
export const headHash = (head: Uint8Array): Buffer => sha256(head);

const context = Buffer.from('bankcrm audit head v1\0');

/** The bytes that are signed of a head: never taken for anything else that the key may sign. */
export const signedBytes = (head: Uint8Array): Buffer => Buffer.concat([context, head]);
