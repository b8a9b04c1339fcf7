import { sha256, sha256Into } from '@bankcrm/kernel';

/** Bytes of a SHA-256. */
export const hashLength = 32;

/** The largest input that is hashed from a copy; what is larger is rare, and allocated. */
const scratch = Buffer.alloc(65_536);
const pair = Buffer.alloc(1 + 2 * hashLength, 1);

/** Hash of a leaf: SHA-256 of a zero byte and the leaf (RFC 6962, 2.1). */
export const leafHash = (leaf: Uint8Array): Buffer => sha256(leafBytes(leaf));

/** What is hashed of a leaf; good until it is asked for another one. */
function leafBytes(leaf: Uint8Array): Uint8Array {
  const length = leaf.byteLength + 1;
  const bytes = length > scratch.length ? Buffer.alloc(length) : scratch.subarray(0, length);
  bytes[0] = 0;
  bytes.set(leaf, 1);
  return bytes;
}

/** Hash of an inner node: SHA-256 of a byte of one and both children (RFC 6962, 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 1 + hashLength);
  return sha256(pair);
}

/** The root over leaf hashes, in their order: the Merkle Tree Hash of RFC 6962, 2.1. That of no leaves is the SHA-256 of nothing. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256(Buffer.alloc(0));
  // Pairs from the left, the odd one passed up: the same tree as splitting at the largest power of two.
  let level = [...leaves];
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let at = 0; at + 1 < level.length; at += 2) above.push(nodeHash(level[at]!, level[at + 1]!));
    if (level.length % 2 === 1) above.push(level.at(-1)!);
    level = above;
  }
  return level[0]!;
}

/** Leaves on their way to a root, for those who hash millions: all in one buffer, which is used again after the root was asked for. */
export interface LeafSet {
  /** Adds a leaf, or the part of some bytes that is one. */
  add(bytes: Uint8Array, start?: number, end?: number): void;
  /** Root over the leaves added since it was asked for last. */
  takeRoot(): Buffer;
}

/** Where something stands before a leaf, the zero byte takes its place while the leaf is hashed: nothing is copied. */
function sha256LeafInto(bytes: Uint8Array, start: number, end: number, target: Buffer, at: number): void {
  if (start === 0) {
    sha256Into(leafBytes(bytes.subarray(0, end)), target, at);
    return;
  }
  const before = bytes[start - 1]!;
  bytes[start - 1] = 0;
  sha256Into(bytes.subarray(start - 1, end), target, at);
  bytes[start - 1] = before;
}

export function leafSet(): LeafSet {
  let hashes = Buffer.alloc(1024 * hashLength);
  let count = 0;
  return {
    add(bytes, start = 0, end = bytes.byteLength) {
      if ((count + 1) * hashLength > hashes.length) hashes = Buffer.concat([hashes, Buffer.alloc(hashes.length)]);
      sha256LeafInto(bytes, start, end, hashes, count * hashLength);
      count += 1;
    },
    takeRoot() {
      let width = count;
      count = 0;
      if (width === 0) return rootOf([]);
      // As `rootOf` does, each level written over the one below it.
      while (width > 1) {
        const pairs = width >> 1;
        for (let at = 0; at < pairs; at += 1) {
          hashes.copy(pair, 1, at * 2 * hashLength, (at + 1) * 2 * hashLength);
          sha256Into(pair, hashes, at * hashLength);
        }
        if (width % 2 === 1) hashes.copy(hashes, pairs * hashLength, (width - 1) * hashLength, width * hashLength);
        width = pairs + (width % 2);
      }
      return Buffer.from(hashes.subarray(0, hashLength));
    },
  };
}

/**
 * What must be known of a tree to add leaves to it: the roots of its complete subtrees, the largest first, one for each bit of its size.
 */
export interface Frontier {
  size: bigint;
  hashes: readonly Buffer[];
}

export const emptyFrontier: Frontier = { size: 0n, hashes: [] };

export function append({ size, hashes }: Frontier, leaf: Buffer): Frontier {
  const stack = [...hashes];
  let right = leaf;
  for (let bits = size; bits % 2n === 1n; bits /= 2n) right = nodeHash(stack.pop()!, right);
  return { size: size + 1n, hashes: [...stack, right] };
}

/** The root of the tree that a frontier is of. */
export const frontierRoot = ({ hashes }: Frontier): Buffer =>
  hashes.length === 0 ? rootOf([]) : hashes.reduceRight((right, left) => nodeHash(left, right));

/** Gives the root of the leaves from `start` to before `end`. */
export type SubtreeRoot = (start: bigint, end: bigint) => Buffer;

/** The largest power of two below a size of at least 2. */
function splitOf(size: bigint): bigint {
  let split = 1n;
  while (split * 2n < size) split *= 2n;
  return split;
}

/** The path that proves a leaf's place in a tree of so many, from the leaf up (RFC 6962, 2.1.1). Throws a RangeError for an index outside of it. */
export function inclusionPath(index: bigint, size: bigint, root: SubtreeRoot): Buffer[] {
  if (index < 0n || index >= size) throw new RangeError(`a tree of ${size} has no leaf ${index}`);
  const path = (start: bigint, end: bigint): Buffer[] => {
    if (end - start === 1n) return [];
    const middle = start + splitOf(end - start);
    return index < middle ? [...path(start, middle), root(middle, end)] : [...path(middle, end), root(start, middle)];
  };
  return path(0n, size);
}

/** What proves that a tree of `size` begins with the tree of `oldSize` (RFC 6962, 2.1.2). Throws a RangeError unless 0 < oldSize ≤ size. */
export function consistencyPath(oldSize: bigint, size: bigint, root: SubtreeRoot): Buffer[] {
  if (oldSize <= 0n || oldSize > size) throw new RangeError(`a tree of ${size} does not grow from one of ${oldSize}`);
  const path = (start: bigint, end: bigint, isWhole: boolean): Buffer[] => {
    if (oldSize === end) return isWhole ? [] : [root(start, end)];
    const middle = start + splitOf(end - start);
    return oldSize <= middle
      ? [...path(start, middle, isWhole), root(middle, end)]
      : [...path(middle, end, false), root(start, middle)];
  };
  return path(0n, size, true);
}

/** Roots of subtrees from the hashes of leaves, the first of which has this index. */
export const subtreesOf =
  (leaves: readonly Buffer[], first = 0n): SubtreeRoot =>
  (start, end) =>
    rootOf(leaves.slice(Number(start - first), Number(end - first)));

/** Roots of subtrees of a tree that grew from a frontier by these leaves. Of what is older it knows the complete subtrees alone. */
export function subtreesAfter({ size, hashes }: Frontier, leaves: readonly Buffer[]): SubtreeRoot {
  const complete = new Map<string, Buffer>();
  let start = 0n;
  for (const [at, subtree] of subtreeSizes(size).entries()) {
    complete.set(`${start}-${start + subtree}`, hashes[at]!);
    start += subtree;
  }
  const known = subtreesOf(leaves, size);
  const root: SubtreeRoot = (from, to) => {
    const found = complete.get(`${from}-${to}`);
    if (found !== undefined) return found;
    if (from >= size) return known(from, to);
    if (to - from === 1n) throw new RangeError(`leaf ${from} is older than the frontier`);
    const middle = from + splitOf(to - from);
    return nodeHash(root(from, middle), root(middle, to));
  };
  return root;
}

/** Sizes of the complete subtrees of a tree, the largest first. */
function subtreeSizes(size: bigint): bigint[] {
  const sizes: bigint[] = [];
  for (let bit = 1n; bit <= size; bit *= 2n) if ((size & bit) !== 0n) sizes.unshift(bit);
  return sizes;
}
