import type { EntryIndex } from './entry-index.ts';

/** What a batch brought of one service. Numbers stand as PostgreSQL writes a multirange, `{[1,4),[7,8)}`. */
export interface NumbersOfService {
  /** Empty for what is no entry. */
  service: string;
  numbers: string;
  /** Numbers that two entries of the batch have. */
  doubles: string;
  entryCount: bigint;
  /** Entries without a number. */
  unnumbered: bigint;
}

/** The numbers of a batch, by service. */
export function numbersOf(entries: readonly EntryIndex[]): NumbersOfService[] {
  return [...Map.groupBy(entries, ({ service }) => service)].map(([service, part]) => {
    const numbers = part.map(({ number }) => number).filter((number) => number > 0n && number < most);
    const sorted = numbers.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    return {
      service,
      numbers: multirange(sorted),
      doubles: multirange(sorted.filter((number, at) => number === sorted[at - 1])),
      entryCount: BigInt(part.length),
      unnumbered: BigInt(part.length - numbers.length),
    };
  });
}

/** The bound of a range stands one above its last number. */
const most = 2n ** 63n - 1n;

/** Sorted numbers as a multirange; one that stands there twice is in it once. */
function multirange(sorted: readonly bigint[]): string {
  const ranges: { from: bigint; to: bigint }[] = [];
  for (const number of sorted) {
    const last = ranges.at(-1);
    if (last === undefined || number > last.to) ranges.push({ from: number, to: number + 1n });
    else if (number === last.to) last.to += 1n;
  }
  return `{${ranges.map(({ from, to }) => `[${from},${to})`).join()}}`;
}
