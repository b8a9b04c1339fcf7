import { type Batch, Head, type SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { chainHash, nothingBefore, type ShardEnd } from './batch.ts';
import { headHash } from './head.ts';
import { append, emptyFrontier, type Frontier, frontierRoot } from './merkle.ts';

/** A head that was read, and where the log stands with it. */
export interface CheckedHead {
  number: bigint;
  signTime: Date;
  signed: SignedHead;
  batches: readonly Batch[];
  entryCount: bigint;
  batchCount: bigint;
  /** Of the tree of all batches; undefined after a gap in the heads. */
  frontier: Frontier | undefined;
  /** What it does not agree with of the heads before it. Empty: it grows from them. */
  problems: readonly string[];
}

/** Follows the heads from the first on. */
export interface HeadChain {
  /** Number of the head read last. */
  readonly number: bigint;
  readonly entryCount: bigint;
  /** Where each shard ends by the heads read so far. */
  readonly ends: ReadonlyMap<number, ShardEnd>;
  /** Whether a signed head is the one that comes next. */
  isNext(signed: SignedHead): boolean;
  /** Reads a head of a higher number than the one before. Its signature has been checked. */
  add(signed: SignedHead): CheckedHead;
}

export function headChain(): HeadChain {
  let number = 0n;
  let hash: Buffer = nothingBefore;
  let entryCount = 0n;
  let frontier: Frontier | undefined = emptyFrontier;
  const ends = new Map<number, ShardEnd>();

  /** Follows a batch; gives what is wrong with it. */
  function addBatch(batch: Batch, isAfterGap: boolean): string[] {
    const end = ends.get(batch.shard) ?? { nextPosition: 0n, chain: nothingBefore };
    const chain = chainHash(batch);
    ends.set(batch.shard, { nextPosition: batch.firstPosition + BigInt(batch.size), chain });
    if (frontier) frontier = append(frontier, chain);
    if (isAfterGap) return [];
    return [
      ...(batch.firstPosition === end.nextPosition && batch.size > 0
        ? []
        : [`its batch at position ${batch.firstPosition} of shard ${batch.shard} does not begin where the one before ends`]),
      ...(end.chain.equals(batch.previous)
        ? []
        : [`its batch at position ${batch.firstPosition} of shard ${batch.shard} does not name the one before`]),
    ];
  }

  return {
    get number() {
      return number;
    },
    get entryCount() {
      return entryCount;
    },
    ends,
    isNext(signed) {
      const next = Head.decode(signed.head);
      return next.number === number + 1n && hash.equals(next.previous);
    },
    add(signed) {
      const head = Head.decode(signed.head);
      // What a missing head covered is not known, so that neither the tree nor the ends of shards can be followed over it.
      const isAfterGap = head.number !== number + 1n;
      if (isAfterGap) frontier = undefined;
      const problems: string[] = [];
      if (!isAfterGap && !hash.equals(head.previous)) problems.push('it does not name the head before it');
      for (const batch of head.batches) problems.push(...addBatch(batch, frontier === undefined));
      const counted = entryCount + head.batches.reduce((sum, { size }) => sum + BigInt(size), 0n);
      if (frontier) {
        if (counted !== head.entryCount) problems.push(`it counts ${head.entryCount} entries where ${counted} are covered`);
        if (frontier.size !== head.batchCount)
          problems.push(`it counts ${head.batchCount} batches where ${frontier.size} are covered`);
        if (!frontierRoot(frontier).equals(head.root)) problems.push('its root is not that of the batches up to it');
      }
      number = head.number;
      hash = headHash(signed.head);
      entryCount = head.entryCount;
      const { signTime = new Date(0), batches, batchCount } = head;
      return { number, signTime, signed, batches, entryCount, batchCount, frontier, problems };
    },
  };
}
