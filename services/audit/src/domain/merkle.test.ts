import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growsInto, rootByPath } from '../check-proof.ts';
import {
  append,
  consistencyPath,
  emptyFrontier,
  frontierRoot,
  inclusionPath,
  leafHash,
  leafSet,
  rootOf,
  subtreesAfter,
  subtreesOf,
} from './merkle.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Buffer => Buffer.from(text, 'hex');

// The eight leaves that logs of Certificate Transparency are tested with, and what they give: transparency-dev/merkle, testonly/constants.go and tree_test.go.
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(bytes);
const leafHashes = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7',
  '07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7',
  'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  '4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658',
  'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
  '46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1',
];
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const inclusions: [index: number, size: number, path: string[]][] = [
  [0, 1, []],
  [0, 2, [leafHashes[1]!]],
  [1, 2, [leafHashes[0]!]],
  [2, 3, [roots[2]!]],
  [1, 5, [leafHashes[0]!, '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e', leafHashes[4]!]],
  [
    0,
    8,
    [
      leafHashes[1]!,
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [5, 8, [leafHashes[4]!, 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0', roots[4]!]],
];
const consistencies: [oldSize: number, size: number, path: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      leafHashes[1]!,
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [2, 5, ['5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e', leafHashes[4]!]],
  [
    2,
    8,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      roots[4]!,
    ],
  ],
];

/** As the check of a proof believes it, which auditors run; it throws for a path that cannot be one. */
function believes(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
const provesInclusion = (
  { leaf, index, size, path }: { leaf: Buffer; index: bigint; size: bigint; path: readonly Buffer[] },
  root: Buffer,
): boolean => believes(() => rootByPath(leaf, Number(index), Number(size), path).equals(root));
type Sized = { size: bigint; root: Buffer };
const treeOf = ({ size, root }: Sized) => ({ batchCount: Number(size), root });
const provesConsistency = (older: Sized, newer: Sized, path: readonly Buffer[]): boolean =>
  believes(() => growsInto(treeOf(older), treeOf(newer), path));

describe('the tree of RFC 6962', () => {
  it('has the leaf hashes and roots of the public vectors', () => {
    expect(leaves.map((leaf) => hex(leafHash(leaf)))).toEqual(leafHashes);
    expect(roots.map((_, size) => hex(rootOf(leafHashes.slice(0, size).map(bytes))))).toEqual(roots);
  });

  it('has their roots when it grows leaf by leaf', () => {
    let frontier = emptyFrontier;
    expect(hex(frontierRoot(frontier))).toBe(roots[0]);
    for (const [at, leaf] of leafHashes.entries()) {
      frontier = append(frontier, bytes(leaf));
      expect(hex(frontierRoot(frontier))).toBe(roots[at + 1]);
    }
  });

  it('gives and believes the inclusion paths of the public vectors', () => {
    for (const [index, size, path] of inclusions) {
      const tree = subtreesOf(leafHashes.slice(0, size).map(bytes));
      expect(inclusionPath(BigInt(index), BigInt(size), tree).map(hex)).toEqual(path);
      const claim = { leaf: bytes(leafHashes[index]!), index: BigInt(index), size: BigInt(size), path: path.map(bytes) };
      expect(provesInclusion(claim, bytes(roots[size]!))).toBe(true);
    }
  });

  it('gives and believes the consistency paths of the public vectors', () => {
    for (const [oldSize, size, path] of consistencies) {
      const tree = subtreesOf(leafHashes.slice(0, size).map(bytes));
      expect(consistencyPath(BigInt(oldSize), BigInt(size), tree).map(hex)).toEqual(path);
      const [older, newer] = [oldSize, size].map((one) => ({ size: BigInt(one), root: bytes(roots[one]!) }));
      expect(provesConsistency(older!, newer!, path.map(bytes))).toBe(true);
    }
  });

  it('has the same leaf hash for a leaf of any length', () => {
    for (const length of [0, 1, 65_534, 65_535, 65_536, 200_000]) {
      const leaf = Buffer.alloc(length, 7);
      const expected = createHash('sha256')
        .update(Buffer.from([0]))
        .update(leaf)
        .digest('hex');
      expect(hex(leafHash(leaf))).toBe(expected);
    }
  });
});

/** The definitions of RFC 6962, 2.1, word for word: what the code under test is compared with. */
const model = {
  split(size: number): number {
    return 2 ** Math.floor(Math.log2(size - 1));
  },
  root(leaves: Buffer[]): Buffer {
    if (leaves.length === 0) return createHash('sha256').digest();
    if (leaves.length === 1) return createHash('sha256').update('\0').update(leaves[0]!).digest();
    const split = model.split(leaves.length);
    return createHash('sha256')
      .update('\x01')
      .update(model.root(leaves.slice(0, split)))
      .update(model.root(leaves.slice(split)))
      .digest();
  },
  path(index: number, leaves: Buffer[]): Buffer[] {
    if (leaves.length === 1) return [];
    const split = model.split(leaves.length);
    const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
    return index < split
      ? [...model.path(index, left), model.root(right)]
      : [...model.path(index - split, right), model.root(left)];
  },
  proof(oldSize: number, leaves: Buffer[], isWhole = true): Buffer[] {
    if (oldSize === leaves.length) return isWhole ? [] : [model.root(leaves)];
    const split = model.split(leaves.length);
    const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
    return oldSize <= split
      ? [...model.proof(oldSize, left, isWhole), model.root(right)]
      : [...model.proof(oldSize - split, right, false), model.root(left)];
  },
};

const trees = fc.array(
  fc.uint8Array({ maxLength: 8 }).map((one) => Buffer.from(one)),
  { minLength: 1, maxLength: 70 },
);
/** A tree, a leaf of it and a size that it had before. */
const cases = trees.chain((tree) =>
  fc.record({
    tree: fc.constant(tree),
    index: fc.nat(tree.length - 1),
    oldSize: fc.integer({ min: 1, max: tree.length }),
  }),
);

describe('any tree', () => {
  it('has the same root when its leaves come one by one, whatever came before', () => {
    const set = leafSet();
    fc.assert(
      fc.property(trees, (tree) => {
        for (const [at, leaf] of tree.entries()) {
          const among = Buffer.concat([Buffer.alloc(at % 3, 9), leaf, Buffer.alloc(2, 9)]);
          set.add(among, at % 3, among.length - 2);
          expect(among.subarray(0, at % 3)).toEqual(Buffer.alloc(at % 3, 9));
        }
        expect(set.takeRoot()).toEqual(model.root(tree));
      }),
    );
    expect(set.takeRoot()).toEqual(model.root([]));
    const many = Array.from({ length: 5_001 }, (_, at) => Buffer.from(String(at)));
    for (const leaf of many) set.add(leaf);
    expect(set.takeRoot()).toEqual(model.root(many));
  });

  it('has the root and paths that the RFC defines', () => {
    fc.assert(
      fc.property(cases, ({ tree, index, oldSize }) => {
        const hashes = tree.map(leafHash);
        const size = BigInt(tree.length);
        expect(rootOf(hashes)).toEqual(model.root(tree));
        expect(frontierRoot(hashes.reduce(append, emptyFrontier))).toEqual(model.root(tree));
        expect(inclusionPath(BigInt(index), size, subtreesOf(hashes))).toEqual(model.path(index, tree));
        expect(consistencyPath(BigInt(oldSize), size, subtreesOf(hashes))).toEqual(model.proof(oldSize, tree));
      }),
    );
  });

  it('gives the same paths when only the frontier is known of what is older', () => {
    fc.assert(
      fc.property(cases, ({ tree, index, oldSize }) => {
        const hashes = tree.map(leafHash);
        const frontier = hashes.slice(0, oldSize).reduce(append, emptyFrontier);
        const grown = subtreesAfter(frontier, hashes.slice(oldSize));
        const size = BigInt(tree.length);
        if (index >= oldSize) expect(inclusionPath(BigInt(index), size, grown)).toEqual(model.path(index, tree));
        expect(consistencyPath(BigInt(oldSize), size, grown)).toEqual(model.proof(oldSize, tree));
      }),
    );
  });

  it('believes its own proofs, and none that was changed in leaf, place, path, size or root', () => {
    const changed = (hash: Buffer, bit: number): Buffer => {
      const other = Buffer.from(hash);
      const at = Math.floor(bit / 8) % hash.length;
      other[at] = other[at]! ^ (1 << (bit % 8));
      return other;
    };
    fc.assert(
      fc.property(cases, fc.nat(255), fc.nat(), ({ tree, index, oldSize }, bit, where) => {
        const hashes = tree.map(leafHash);
        const root = rootOf(hashes);
        const size = BigInt(tree.length);
        const path = model.path(index, tree);
        const claim = { leaf: hashes[index]!, index: BigInt(index), size, path };
        expect(provesInclusion(claim, root)).toBe(true);
        expect(provesInclusion({ ...claim, leaf: changed(claim.leaf, bit) }, root)).toBe(false);
        expect(provesInclusion(claim, changed(root, bit))).toBe(false);
        expect(provesInclusion({ ...claim, size: size * 2n }, root)).toBe(false);
        expect(provesInclusion({ ...claim, index: size }, root)).toBe(false);
        expect(provesInclusion({ ...claim, index: -1n }, root)).toBe(false);
        expect(provesInclusion({ ...claim, path: [...path, root] }, root)).toBe(false);
        const proof = model.proof(oldSize, tree);
        const older = { size: BigInt(oldSize), root: model.root(tree.slice(0, oldSize)) };
        const newer = { size, root };
        expect(provesConsistency(older, newer, proof)).toBe(true);
        expect(provesConsistency({ ...older, root: changed(older.root, bit) }, newer, proof)).toBe(false);
        expect(provesConsistency(older, { ...newer, root: changed(root, bit) }, proof)).toBe(false);
        expect(provesConsistency(older, newer, [...proof, root])).toBe(false);
        expect(provesConsistency({ ...older, size: 0n }, newer, proof)).toBe(false);
        expect(provesConsistency({ ...older, size: size + 1n }, newer, proof)).toBe(false);
        if (path.length > 0) {
          const at = where % path.length;
          expect(provesInclusion({ ...claim, path: path.with(at, changed(path[at]!, bit)) }, root)).toBe(false);
          expect(provesInclusion({ ...claim, path: path.toSpliced(at, 1) }, root)).toBe(false);
          // The leaf at its side has another sibling, unless both are alike.
          const other = index ^ 1;
          const isOther = other < tree.length && !hashes[other]!.equals(hashes[index]!);
          if (isOther) expect(provesInclusion({ ...claim, index: BigInt(other) }, root)).toBe(false);
        }
        if (proof.length > 0) {
          const at = where % proof.length;
          expect(provesConsistency(older, newer, proof.with(at, changed(proof[at]!, bit)))).toBe(false);
          expect(provesConsistency(older, newer, proof.toSpliced(at, 1))).toBe(false);
        }
      }),
    );
  });
});
