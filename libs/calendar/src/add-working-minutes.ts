import { invalid } from '@bankcrm/kernel';
import { msPerMinute } from './civil-days.ts';
import { locate, type PreparedCalendar, yearAt } from './prepared-calendar.ts';
import { countUpTo, workedBefore } from './working-year.ts';

/**
 * The first instant with so many working minutes between the given one and it: what a period's end completes is that end, not the next period's
 * beginning. Of less than nothing, the last instant with so many between it and the given one. Nothing leaves the instant as it is, also outside
 * of working time. Parts of a minute count, to the millisecond.
 *
 * `provisional` where a year between the two is not loaded. Throws INVALID for an instant outside of the calendar's years, for minutes that are no number,
 * and for more than the calendar's years have.
 */
export function addWorkingMinutes(
  calendar: PreparedCalendar,
  instant: Date,
  minutes: number,
): { instant: Date; provisional: boolean } {
  const duration = Math.round(minutes * msPerMinute);
  if (!Number.isSafeInteger(duration)) throw invalid('minutes', 'must be a number of minutes');
  const from = instant.getTime();
  // Backwards, an instant that begins a year depends on nothing of that year.
  const start = yearAt(calendar, duration < 0 ? from - 1 : from);
  if (duration === 0) return { instant, provisional: false };
  const { year, rest, provisional } = locate(calendar, start, workedBefore(start, from) + duration, ({ total }) => total);
  const piece = countUpTo(year.before, duration < 0 ? rest : rest - 1) - 1;
  return { instant: new Date(year.starts[piece]! + rest - year.before[piece]!), provisional };
}
