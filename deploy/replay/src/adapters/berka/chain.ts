/** A movement and the balance after it; both in minor units, debits negative. */
export type Movement = { change: bigint; balanceAfter: bigint };

/**
 * Brings the movements of one account and day into the order in which they happened: the order whose running balance, begun
 * at `before`, departs least in sum from the balances in the rows. The source's balances are rounded to a tenth of a
 * koruna, so an honest step may be off by that; where a movement is missing, the gap is taken at the one place where it
 * costs least, and the row's own balance counts from there on.
 *
 * Exact over all orders by dynamic programming on subsets (2^n · n²; the busiest day of the set has 7). Beyond
 * `EXACT_LIMIT` rows the nearest next row is taken, step by step. Equal costs keep the order given.
 */
export function chainOrder<M extends Movement>(before: bigint, movements: readonly M[]): M[] {
  if (movements.length < 2) return [...movements];
  return movements.length <= EXACT_LIMIT ? cheapestOrder(before, movements) : nearestFirst(before, movements);
}

const EXACT_LIMIT = 12;

/** How far a row's balance is from what the one before it and its own amount say. */
export function gapAfter(before: bigint, { change, balanceAfter }: Movement): bigint {
  return magnitude(balanceAfter - change - before);
}

type Path = { cost: bigint; last: number; previous: Path | undefined };

function cheapestOrder<M extends Movement>(before: bigint, movements: readonly M[]): M[] {
  const count = movements.length;
  const full = (1 << count) - 1;
  // best[mask][last]: the cheapest way to have placed exactly the rows of `mask`, `last` being the newest of them.
  const best: (Path | undefined)[][] = Array.from({ length: full + 1 }, () => new Array<Path | undefined>(count).fill(undefined));
  const offer = (mask: number, candidate: Path) => {
    const known = best[mask]?.[candidate.last];
    if (!known || candidate.cost < known.cost) (best[mask] as (Path | undefined)[])[candidate.last] = candidate;
  };
  for (const [last, movement] of movements.entries())
    offer(1 << last, { cost: gapAfter(before, movement), last, previous: undefined });
  for (let mask = 1; mask < full; mask++)
    for (const path of best[mask] as (Path | undefined)[]) {
      if (!path) continue;
      const balance = (movements[path.last] as M).balanceAfter;
      for (const [next, movement] of movements.entries())
        if (!(mask & (1 << next)))
          offer(mask | (1 << next), { cost: path.cost + gapAfter(balance, movement), last: next, previous: path });
    }
  const ends = (best[full] as (Path | undefined)[]).filter((path) => path !== undefined);
  let path: Path | undefined = ends.reduce((a, b) => (b.cost < a.cost ? b : a));
  const order: M[] = [];
  for (; path; path = path.previous) order.unshift(movements[path.last] as M);
  return order;
}

function nearestFirst<M extends Movement>(before: bigint, movements: readonly M[]): M[] {
  const left = [...movements];
  const order: M[] = [];
  for (let balance = before; left.length > 0; ) {
    const next = left.reduce((a, b) => (gapAfter(balance, b) < gapAfter(balance, a) ? b : a));
    left.splice(left.indexOf(next), 1);
    order.push(next);
    balance = next.balanceAfter;
  }
  return order;
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
