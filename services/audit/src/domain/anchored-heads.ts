import { sha256 } from '@bankcrm/kernel';
import { Head, SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import type { AnchorName, Report } from './finding.ts';

/** What an anchor holds at a place; undefined where it is no head: what a crash has left of a line. */
export interface AnchorLine {
  line: string;
  signed: SignedHead | undefined;
}

/** A head that stands in an anchor. */
export interface AnchoredHead {
  number: bigint;
  signed: SignedHead;
  /** Where it stands. */
  anchors: readonly AnchorName[];
}

export interface AnchorSource {
  name: AnchorName;
  lines: AsyncIterable<AnchorLine>;
}

export interface AnchorRules {
  isSigned: (signed: SignedHead) => boolean;
  report: Report;
  /** Said of what is no error. */
  notice: (text: string) => void;
  /** Up to this number every head has to stand in both anchors. */
  anchoredUpTo: bigint;
  /** A head of the end that was signed before this may not wait for one of the anchors any more. */
  waitsSince: Date;
}

/** How far back the same head may come again: more than are ever taken to an anchor at once. */
const rememberedHeads = 4_096n;

/**
 * Reads two anchors side by side and gives each head once, in the order of the numbers, from whichever has it. Reports what is signed by nobody, out of its place,
 * different or missing.
 */
export async function* anchoredHeads(sources: readonly AnchorSource[], rules: AnchorRules): AsyncGenerator<AnchoredHead> {
  const readers = sources.map((source) => ({ name: source.name, heads: newHeads(source, rules) }));
  const next = new Map<AnchorName, NewHead | undefined>();
  const advance = async ({ name, heads }: (typeof readers)[number]): Promise<void> => {
    const { value, done } = await heads.next();
    next.set(name, done ? undefined : value);
  };
  const missing = missingHeads(rules);
  try {
    for (const reader of readers) await advance(reader);
    let expected = 1n;
    while (true) {
      const waiting = [...next.values()].filter((one) => one !== undefined);
      if (waiting.length === 0) break;
      const number = leastOf(waiting);
      for (; expected < number; expected += 1n) for (const { name } of readers) missing.add(name, expected, undefined);
      const having = readers.filter(({ name }) => next.get(name)?.number === number);
      const [{ signed }] = having.map(({ name }) => next.get(name)!) as [NewHead];
      for (const { name } of having.slice(1)) {
        const { signed: other, line } = next.get(name)!;
        if (keyOf(other) === keyOf(signed)) continue;
        rules.report({
          place: { of: 'ANCHOR', anchor: name, head: number, line },
          what: 'the other anchor has another head of this number',
        });
      }
      for (const { name } of readers) if (!having.some((one) => one.name === name)) missing.add(name, number, signed);
      yield { number, signed, anchors: having.map(({ name }) => name) };
      expected = number + 1n;
      for (const reader of having) await advance(reader);
    }
    missing.end();
  } finally {
    for (const { heads } of readers) await heads.return(undefined);
  }
}

function leastOf(heads: readonly NewHead[]): bigint {
  const [first, ...others] = heads.map(({ number }) => number) as [bigint, ...bigint[]];
  let least = first;
  for (const number of others) if (number < least) least = number;
  return least;
}

interface NewHead {
  number: bigint;
  signed: SignedHead;
  line: string;
}

/** The heads of one anchor in their order: what comes again unchanged is passed over, what is wrong is reported and passed over. */
async function* newHeads({ name, lines }: AnchorSource, { isSigned, report, notice }: AnchorRules): AsyncGenerator<NewHead> {
  const remembered = new Map<bigint, string>();
  let newest = 0n;
  for await (const { line, signed } of lines) {
    if (signed === undefined) {
      notice(`${line} of the ${name} of heads is not a head: what a crash has left of a line, or something foreign`);
      continue;
    }
    const number = numberOf(signed);
    const place = { of: 'ANCHOR', anchor: name, head: number, line } as const;
    if (number < 1n || !isSigned(signed)) {
      report({ place, what: 'it is not signed by the key of the log' });
      continue;
    }
    if (number <= newest) {
      const known = remembered.get(number);
      if (known === undefined) report({ place, what: 'it stands behind later heads' });
      else if (known !== keyOf(signed)) report({ place, what: 'another head of this number stands before it' });
      continue;
    }
    newest = number;
    remembered.set(number, keyOf(signed));
    remembered.delete(number - rememberedHeads);
    yield { number, signed, line };
  }
}

/** Collects missing heads to ranges. */
function missingHeads({ report, notice, anchoredUpTo, waitsSince }: AnchorRules) {
  const ranges = new Map<AnchorName, { first: bigint; last: bigint; isError: boolean }>();
  const tell = (anchor: AnchorName): void => {
    const range = ranges.get(anchor);
    ranges.delete(anchor);
    if (range === undefined) return;
    const { first, last, isError } = range;
    if (isError) report({ place: { of: 'ANCHOR', anchor, head: first, lastHead: last }, what: 'missing' });
    else notice(`heads ${first}–${last} have not come to the ${anchor} of heads yet`);
  };
  return {
    /** With the head from the other anchor, if that has it. */
    add(anchor: AnchorName, number: bigint, signed: SignedHead | undefined): void {
      const isError =
        signed === undefined || number <= anchoredUpTo || (Head.decode(signed.head).signTime ?? waitsSince) < waitsSince;
      const range = ranges.get(anchor);
      if (range && range.last + 1n === number && range.isError === isError) {
        range.last = number;
        return;
      }
      tell(anchor);
      ranges.set(anchor, { first: number, last: number, isError });
    },
    end(): void {
      for (const anchor of [...ranges.keys()]) tell(anchor);
    },
  };
}

function numberOf(signed: SignedHead): bigint {
  try {
    return Head.decode(signed.head).number;
  } catch {
    return 0n;
  }
}

const keyOf = (signed: SignedHead): string => sha256(SignedHead.encode(signed).finish()).toString('latin1');
