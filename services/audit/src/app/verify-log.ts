import type { SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { type AnchorSource, anchoredHeads } from '../domain/anchored-heads.ts';
import { chainHash, nothingBefore } from '../domain/batch.ts';
import { checkEntries, type ExpectedBatch } from '../domain/entries-check.ts';
import type { Finding, Report } from '../domain/finding.ts';
import { type CheckedHead, type HeadChain, headChain } from '../domain/head-chain.ts';
import { leafSet } from '../domain/merkle.ts';
import { compareBatches, compareHeads, differencesOf, placeOf } from '../domain/rows-check.ts';
import { type PositionRange, readEntries, type Snapshot } from '../store/entry-rows.ts';
import {
  anchoredUpTo,
  batchRows,
  doubleIds,
  entriesIn,
  entriesNoted,
  headRows,
  knownShards,
  shardEnds,
  strayHeads,
  unanchored,
} from '../store/log-rows.ts';

export interface VerifyDeps {
  /** Runs work on one snapshot of the database: all of it sees the same rows. */
  snapshot: <T>(work: (tx: Snapshot) => Promise<T>) => Promise<T>;
  /** Both anchors; read from the first head on, each up to where it ended when its reading began. The topic first: the file has each head before the topic. */
  anchors: readonly AnchorSource[];
  isSigned: (signed: SignedHead) => boolean;
  report: Report;
  /** Takes what is no error, in words. */
  notice: (text: string) => void;
  /** Told now and then how many entries were checked, of about how many. */
  progress?: (checked: bigint, total: bigint) => void;
}

export interface VerifyOptions {
  /** When verifying begins. */
  now: Date;
  /** Entries are read of heads signed from then on. Default: from the first head. */
  from?: Date;
  /** Entries are read of heads signed before then. Default: up to the end, what no head covers included. */
  to?: Date;
}

export interface Verified {
  findings: bigint;
  /** Entries that were hashed. */
  entries: bigint;
  /** Heads in the anchors. */
  heads: bigint;
  /** The newest one in an anchor. */
  newest: { number: bigint; signTime: Date } | undefined;
  /** Entries that no anchored head covers, and when the oldest of them came. */
  unanchored: { entries: bigint; since: Date | undefined };
}

/** For so long a head may stand in one anchor only, or in none: the service was stopped between them. */
const anchorWaitMs = 600_000;
/** Checked at once: what is remembered of their batches and heads is small, and each shard's are read in one go. */
const windowEntries = 200_000n;
const windowHeads = 1_000;
const rowsAtOnce = 1_000;
const afterAll = 2n ** 63n - 1n;
const beforeAll = -(2n ** 63n);

/**
 * Computes the whole log anew from the database and compares it with both anchors, head by head, so that each place that is not as it was signed is named, and none
 * for what was done elsewhere. Takes the same memory for any number of entries.
 */
export async function verifyLog(deps: VerifyDeps, options: VerifyOptions): Promise<Verified> {
  const { snapshot, anchors, isSigned, notice } = deps;
  let findings = 0n;
  const report: Report = (finding: Finding) => {
    findings += 1n;
    deps.report(finding);
  };
  // In this order: what is noted as anchored by now has to be in the anchors, and what is in the anchors by then in the snapshot.
  const anchored = await snapshot(anchoredUpTo);
  const waitsSince = new Date(options.now.getTime() - anchorWaitMs);
  const heads = anchoredHeads(anchors, { isSigned, report, notice, anchoredUpTo: anchored, waitsSince });
  const first = await heads.next();
  try {
    return await snapshot(async (tx) => {
      const chain = headChain();
      const total = await entriesNoted(tx);
      const log = window(tx, { ...deps, report, anchoredUpTo: anchored, total }, options);
      let newest: CheckedHead | undefined;
      let count = 0n;
      for (let next = first; !next.done; next = await heads.next()) {
        const head = chain.add(next.value.signed);
        for (const what of head.problems) report({ place: { of: 'HEAD', head: head.number }, what: `in the anchors: ${what}` });
        newest = head;
        count += 1n;
        await log.add(head);
      }
      await log.flush();
      await checkHeadsBeyond(tx, chain, { isSigned, report, anchoredUpTo: anchored, waitsSince, add: log.addUnanchored });
      await log.flush();
      for (const number of await strayHeads(tx)) report({ place: { of: 'HEAD', head: number }, what: 'no anchor has it' });
      await checkShards(tx, chain, report, options.to === undefined ? log.addEntries : async () => {});
      for (const { shard, position } of await doubleIds(tx, rowsAtOnce)) {
        const place = { of: 'ENTRIES', shard, first: position, last: position, head: undefined, signTime: undefined } as const;
        report({ place, what: 'another entry has the same id' });
      }
      const open = await unanchored(tx, newest?.number ?? 0n);
      return {
        findings,
        entries: log.entries(),
        heads: count,
        newest: newest && { number: newest.number, signTime: newest.signTime },
        unanchored: open,
      };
    });
  } finally {
    await heads.return(undefined);
  }
}

/** Gathers heads and compares what the database has of them, many at once. */
function window(
  tx: Snapshot,
  { report, progress, anchoredUpTo, total }: Pick<VerifyDeps, 'report' | 'progress'> & { anchoredUpTo: bigint; total: bigint },
  { from, to }: VerifyOptions,
) {
  let heads: CheckedHead[] = [];
  let entries = 0n;
  let areRead = false;
  let isAnchored = true;
  let checked = 0n;
  /** Of the heads compared last. */
  let comparedUpTo = 0n;
  const leaves = leafSet();

  async function addEntries(batches: readonly ExpectedBatch[]): Promise<void> {
    for (const { range, batches: inRange } of rangesOf(batches)) {
      const check = checkEntries(inRange, report, leaves);
      let read = 0;
      await readEntries(tx, range, (position, bytes, start, end, wrong) => {
        check.add(position, bytes, start, end, wrong);
        read += 1;
      });
      check.end();
      checked += BigInt(read);
      progress?.(checked, total);
    }
  }

  async function flush(): Promise<void> {
    if (heads.length === 0) return;
    const batches = heads.flatMap((head) => head.batches.map((batch) => expectedOf(batch, head)));
    const last = heads.at(-1)!.number;
    if (isAnchored) {
      compareHeads(heads, await headRows(tx, comparedUpTo + 1n, last), { anchoredUpTo, report });
      comparedUpTo = last;
    }
    compareBatches(
      heads,
      await batchRows(
        tx,
        rangesOf(batches).map(({ range }) => range),
      ),
      report,
    );
    if (areRead) await addEntries(batches);
    heads = [];
    entries = 0n;
  }

  async function add(head: CheckedHead, anchoredHead: boolean): Promise<void> {
    const read = (from === undefined || head.signTime >= from) && (to === undefined || head.signTime < to);
    if (read !== areRead || anchoredHead !== isAnchored || entries >= windowEntries || heads.length >= windowHeads) await flush();
    areRead = read;
    isAnchored = anchoredHead;
    heads.push(head);
    for (const { size } of head.batches) entries += BigInt(size);
  }

  return {
    add: (head: CheckedHead) => add(head, true),
    addUnanchored: (head: CheckedHead) => add(head, false),
    flush,
    addEntries,
    entries: () => checked,
  };
}

const expectedOf = (
  { shard, firstPosition, size, root }: Pick<ExpectedBatch, 'shard' | 'firstPosition' | 'size' | 'root'>,
  head: Pick<CheckedHead, 'number' | 'signTime'> | undefined,
): ExpectedBatch => ({ shard, firstPosition, size, root, head: head?.number, signTime: head?.signTime });

/** Batches of each shard that follow one another without a gap. */
function rangesOf(batches: readonly ExpectedBatch[]): { range: PositionRange; batches: ExpectedBatch[] }[] {
  const ranges: { range: PositionRange; batches: ExpectedBatch[] }[] = [];
  const latest = new Map<number, (typeof ranges)[number]>();
  for (const batch of batches) {
    const { shard, firstPosition: start, size } = batch;
    const end = start + BigInt(size);
    const before = latest.get(shard);
    if (before?.range.end === start) {
      before.range.end = end;
      before.batches.push(batch);
    } else {
      const fresh = { range: { shard, start, end }, batches: [batch] };
      latest.set(shard, fresh);
      ranges.push(fresh);
    }
  }
  return ranges;
}

/** Follows heads that the database has beyond the anchors: they have to be right in themselves, and may wait for their anchors for a while. */
async function checkHeadsBeyond(
  tx: Snapshot,
  chain: HeadChain,
  {
    isSigned,
    report,
    anchoredUpTo,
    waitsSince,
    add,
  }: Pick<VerifyDeps, 'isSigned' | 'report'> & {
    anchoredUpTo: bigint;
    waitsSince: Date;
    add: (head: CheckedHead) => Promise<void>;
  },
): Promise<void> {
  for (let after = chain.number; ; ) {
    const rows = await headRows(tx, after + 1n, afterAll, rowsAtOnce);
    for (const row of rows) {
      after = row.number;
      const place = { of: 'HEAD', head: row.number } as const;
      if (row.number !== chain.number + 1n || !isSigned(row) || !chain.isNext(row)) {
        report({ place, what: 'no anchor has it, and the key of the log did not sign it behind the head before it' });
        continue;
      }
      if (row.number <= anchoredUpTo && row.anchorTime !== null) {
        for (const anchor of ['topic', 'file'] as const)
          report({ place: { of: 'ANCHOR', anchor, head: row.number }, what: 'missing' });
      }
      const head = chain.add(row);
      if (head.signTime < waitsSince) report({ place, what: 'signed by the key of the log, and never anchored' });
      const wrong = [...head.problems, ...differencesOf(row, head)];
      if (wrong.length > 0) report({ place, what: `not yet anchored, and wrong in itself: ${wrong.join(', ')}` });
      await add(head);
    }
    if (rows.length < rowsAtOnce) return;
  }
}

/** Checks what shards have beyond the heads: batches without a head, their entries, and the ends. */
async function checkShards(
  tx: Snapshot,
  chain: HeadChain,
  report: Report,
  addEntries: (batches: readonly ExpectedBatch[]) => Promise<void>,
): Promise<void> {
  const ends = await shardEnds(tx);
  const shards = [...new Set([...chain.ends.keys(), ...(await knownShards(tx)), ...ends.keys()])].sort((a, b) => a - b);
  const noBatch = (found: readonly { shard: number; position: bigint }[]): void => {
    for (const { shard, position } of found) {
      const place = { of: 'ENTRIES', shard, first: position, last: position, head: undefined, signTime: undefined } as const;
      report({ place, what: 'no batch holds this entry' });
    }
  };
  const beforeFirst = shards.map((shard) => ({ shard, start: beforeAll, end: 0n }));
  for (const row of await batchRows(tx, beforeFirst))
    report({ place: placeOf(row, row.headNumber ?? undefined), what: 'no head names it' });
  noBatch(await entriesIn(tx, beforeFirst, rowsAtOnce));
  const behindLast: PositionRange[] = [];
  for (const shard of shards) {
    let { nextPosition: next, chain: hash } = chain.ends.get(shard) ?? { nextPosition: 0n, chain: nothingBefore };
    for (let start = next; ; ) {
      const rows = await batchRows(tx, [{ shard, start, end: afterAll }], rowsAtOnce);
      const following: ExpectedBatch[] = [];
      for (const row of rows) {
        start = row.firstPosition + 1n;
        const wrong = [
          ...(row.firstPosition === next && row.size > 0 ? [] : ['it does not begin where the one before ends']),
          ...(hash.equals(row.previous) ? [] : ['it does not name the one before']),
          ...(row.headNumber === null ? [] : [`head ${row.headNumber} does not name it`]),
        ];
        if (wrong.length > 0) report({ place: placeOf(row, undefined), what: wrong.join(', ') });
        if (row.firstPosition !== next || row.size <= 0) continue;
        following.push(expectedOf(row, undefined));
        next += BigInt(row.size);
        hash = chainHash(row);
      }
      await addEntries(following);
      if (rows.length < rowsAtOnce) break;
    }
    behindLast.push({ shard, start: next, end: afterAll });
    const end = ends.get(shard);
    const place = { of: 'SHARD', shard } as const;
    if (end === undefined) {
      if (next > 0n) report({ place, what: 'its row is missing' });
    } else if (end.nextPosition !== next)
      report({ place, what: `it is noted at position ${end.nextPosition}, and is at ${next}` });
    else if (!end.chain.equals(hash)) report({ place, what: 'it does not name the newest batch' });
  }
  noBatch(await entriesIn(tx, behindLast, rowsAtOnce));
}
