import { type Cell, cellsOf } from './cells.ts';
import { conditionOf, type DecisionTable, type Facts, takes } from './table.ts';

/** Neighbouring cells of one input: from the first up to, and without, the second. */
interface Run {
  from: number;
  to: number;
}

/** The cases whose fact for each input lies in one of the input's runs, which rise and do not touch. */
type Box = readonly (readonly Run[])[];

export interface Coverage {
  /** Cases that no row takes, each of another part of the table. At most 20. */
  gaps: readonly Facts[];
  /** Every two rows that share cases, with one that both take. */
  overlaps: readonly { rows: readonly [number, number]; example: Facts }[];
  /** Whether the search for gaps went to its end or to the 20th. */
  isComplete: boolean;
}

const maxGaps = 20;
/** Boxes looked at, region by region: less than a second. A table of 500 rows that divides the cases in some order needs a tenth. */
const maxLooks = 500_000;

/** How the rows of a table, whose form must be right, cover its cases. An example has a bound only where the gap or overlap is no wider than that. */
export function coverageOf({ inputs, rows }: DecisionTable): Coverage {
  const cells = inputs.map((input) =>
    cellsOf(
      input,
      rows.map((row) => conditionOf(row, input)).filter((condition) => condition !== undefined),
    ),
  );
  const boxes = rows.map((row) =>
    inputs.map((input, at) => runsOf(cells[at]!, (cell) => takes(conditionOf(row, input), cell.fact))),
  );
  const exampleIn = (box: Box): Facts =>
    Object.fromEntries(inputs.map(({ name }, at) => [name, exampleOf(cells[at]!, box[at]![0]!)]));

  const overlaps = boxes.flatMap((box, second) =>
    boxes.slice(0, second).flatMap((other, first) => {
      const shared = sharedBox(box, other);
      return shared ? [{ rows: [first, second] as const, example: exampleIn(shared) }] : [];
    }),
  );
  const { gaps, isComplete } = gapsBetween(
    boxes,
    cells.map(({ length }) => [{ from: 0, to: length }]),
  );
  return { gaps: gaps.map(exampleIn), overlaps, isComplete };
}

function runsOf(cells: readonly Cell[], isIn: (cell: Cell) => boolean): Run[] {
  const runs: Run[] = [];
  for (const [index, cell] of cells.entries()) {
    if (!isIn(cell)) continue;
    const last = runs.at(-1);
    if (last?.to === index) last.to += 1;
    else runs.push({ from: index, to: index + 1 });
  }
  return runs;
}

function exampleOf(cells: readonly Cell[], { from, to }: Run) {
  // Bounds and what lies between them take turns.
  const cell = cells[from]!.isBound && from + 1 < to ? cells[from + 1]! : cells[from]!;
  return cell.fact;
}

/** The first run that two lists share. */
function sharedRun(some: readonly Run[], others: readonly Run[]): Run | undefined {
  for (let i = 0, j = 0; i < some.length && j < others.length; ) {
    const from = Math.max(some[i]!.from, others[j]!.from);
    const to = Math.min(some[i]!.to, others[j]!.to);
    if (from < to) return { from, to };
    if (some[i]!.to < others[j]!.to) i += 1;
    else j += 1;
  }
  return undefined;
}

function sharedBox(some: Box, other: Box): Box | undefined {
  const shared: Run[][] = [];
  for (const [at, runs] of some.entries()) {
    const run = sharedRun(runs, other[at]!);
    if (run === undefined) return undefined;
    shared.push([run]);
  }
  return shared;
}

/** A box with one run for each input. */
type Region = readonly (readonly [Run])[];

const touches = (box: Box, region: Region): boolean => box.every((runs, at) => sharedRun(runs, region[at]!) !== undefined);

const coversInput = (runs: readonly Run[], [{ from, to }]: readonly [Run]): boolean =>
  runs.some((run) => run.from <= from && run.to >= to);

/**
 * Parts of the whole that no box touches, none of them touching another. A region that some boxes touch, but none covers, is cut in two, where the cut
 * leaves the fewest boxes on either side.
 */
function gapsBetween(boxes: readonly Box[], whole: Region): { gaps: readonly Region[]; isComplete: boolean } {
  const gaps: Region[] = [];
  const waiting: { region: Region; near: readonly Box[] }[] = [{ region: whole, near: boxes }];
  for (let looks = 0; gaps.length < maxGaps; ) {
    const next = waiting.pop();
    if (next === undefined) break;
    const { region } = next;
    looks += next.near.length;
    if (looks > maxLooks) return { gaps, isComplete: false };
    const near = next.near.filter((box) => touches(box, region));
    const known = [...near, ...gaps.filter((gap) => touches(gap, region))];
    if (known.length === 0) gaps.push(widened(region, whole, [...boxes, ...gaps]));
    else if (!known.some((box) => box.every((runs, at) => coversInput(runs, region[at]!))))
      for (const half of halves(region, known)) waiting.push({ region: half, near });
  }
  return { gaps, isComplete: true };
}

/** The region, as far as it reaches in one input after the other until it meets a box. */
function widened(region: Region, whole: Region, boxes: readonly Box[]): Region {
  const wide = [...region];
  for (const [at, [{ from, to }]] of region.entries()) {
    const [all] = whole[at]!;
    wide[at] = [all];
    const walls = boxes.filter((box) => touches(box, wide)).flatMap((box) => box[at]!);
    wide[at] = [
      {
        from: Math.max(all.from, ...walls.map((wall) => wall.to).filter((end) => end <= from)),
        to: Math.min(all.to, ...walls.map((wall) => wall.from).filter((start) => start >= to)),
      },
    ];
  }
  return wide;
}

/** The upper and the lower part of a region that boxes touch and none covers. */
function halves(region: Region, boxes: readonly Box[]): [Region, Region] {
  let least = Number.POSITIVE_INFINITY;
  let best = { at: 0, cut: 0 };
  for (const [at, run] of region.entries()) {
    const [{ from, to }] = run;
    if (boxes.every((box) => coversInput(box[at]!, run))) continue;
    const starts = new Uint16Array(to - from + 1);
    const ends = new Uint16Array(to - from + 1);
    for (const box of boxes) {
      starts[Math.max(box[at]!.find((part) => part.to > from)!.from - from, 0)]! += 1;
      ends[Math.min(box[at]!.findLast((part) => part.from < to)!.to, to) - from]! += 1;
    }
    let below = 0;
    let above = boxes.length;
    for (let cut = 1; cut < to - from; cut += 1) {
      below += starts[cut - 1]!;
      above -= ends[cut]!;
      if (below ** 2 + above ** 2 >= least) continue;
      least = below ** 2 + above ** 2;
      best = { at, cut: from + cut };
    }
  }
  const [{ from, to }] = region[best.at]!;
  return [region.with(best.at, [{ from: best.cut, to }]), region.with(best.at, [{ from, to: best.cut }])];
}
