import { msPerDay } from './civil-days.ts';
import { type Stretch, startOfDay, stretchesOf } from './offsets.ts';

/** From midnight, in milliseconds by the day's own clock. */
export interface Span {
  from: number;
  to: number;
}

/**
 * The working time of one civil year of a zone, laid out on the line of instants (milliseconds since 1970). Pieces are in order and apart; a period that
 * a change of clocks cuts is more than one piece.
 */
export interface WorkingYear {
  year: number;
  isLoaded: boolean;
  from: number;
  to: number;
  stretches: readonly Stretch[];
  starts: readonly number[];
  ends: readonly number[];
  /** Working time of the year before each piece. */
  before: readonly number[];
  total: number;
  /** The days with working time, in order, and the end of each one's last piece. */
  days: readonly number[];
  dayEnds: readonly number[];
}

/**
 * Takes the first day of the year and of the next, and the periods of each day. A minute works where the zone's clock, at that minute, shows a date and a
 * time of day within a period of the date: so a minute that clocks skip does not work, and one that they show twice works twice.
 */
export function layOutYear(
  { year, isLoaded, timeZone }: { year: number; isLoaded: boolean; timeZone: string },
  periodsOf: (day: number) => readonly Span[],
): WorkingYear {
  const from = startOfDay(Date.UTC(year, 0, 1) / msPerDay, timeZone);
  const to = startOfDay(Date.UTC(year + 1, 0, 1) / msPerDay, timeZone);
  const stretches = stretchesOf(timeZone, from, to);
  const starts: number[] = [];
  const ends: number[] = [];
  const before: number[] = [];
  const endOfDay = new Map<number, number>();
  let total = 0;
  for (const stretch of stretches) {
    const lastDay = Math.floor((stretch.to + stretch.offset - 1) / msPerDay);
    for (let day = Math.floor((stretch.from + stretch.offset) / msPerDay); day <= lastDay; day += 1) {
      const midnight = day * msPerDay - stretch.offset;
      for (const period of periodsOf(day)) {
        const start = Math.max(midnight + period.from, stretch.from);
        const end = Math.min(midnight + period.to, stretch.to);
        if (start >= end) continue;
        starts.push(start);
        ends.push(end);
        before.push(total);
        total += end - start;
        endOfDay.set(day, end);
      }
    }
  }
  // In order: clocks that go back over midnight show again what they have shown of the day before, and only its end moves.
  const days = [...endOfDay.keys()];
  const dayEnds = [...endOfDay.values()];
  return { year, isLoaded, from, to, stretches, starts, ends, before, total, days, dayEnds };
}

/** How many of the rising `values` are at most `limit`. */
export function countUpTo(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Working time of the year before an instant of it, or its end. */
export function workedBefore(year: WorkingYear, instant: number): number {
  const piece = countUpTo(year.starts, instant) - 1;
  return piece < 0 ? 0 : year.before[piece]! + Math.min(instant, year.ends[piece]!) - year.starts[piece]!;
}
