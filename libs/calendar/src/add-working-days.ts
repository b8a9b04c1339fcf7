import { invalid } from '@bankcrm/kernel';
import { dateOf, dayNumber, yearOf } from './civil-days.ts';
import { locate, type PreparedCalendar } from './prepared-calendar.ts';
import { countUpTo, type WorkingYear } from './working-year.ts';

/** The most days that may be added: more than the calendar's years have. */
const maxDays = 36_525;

/**
 * The n-th working day after a civil date (`YYYY-MM-DD`), or before it where n is negative. The date itself is not counted, whether it works or not
 * (Civil Code of China, article 201; Regulation 1182/71 of the EU, article 3): nothing leaves it as it is. A day works if any minute of it does.
 *
 * `provisional` where a day that was looked at lies in a year that is not loaded. Throws INVALID for a date outside of the calendar's years, for days that are not
 * whole, and for more than the calendar's years have.
 */
export function addWorkingDays(calendar: PreparedCalendar, date: string, days: number): { date: string; provisional: boolean } {
  const from = dayNumber(date, 'date');
  if (!Number.isInteger(days) || Math.abs(days) > maxDays)
    throw invalid('days', `must be a whole number from ${-maxDays} to ${maxDays}`);
  if (days === 0) return { date, provisional: false };
  const { year, index, provisional } = nthWorkingDay(calendar, from, days);
  return { date: dateOf(year.days[index]!), provisional };
}

/** The n-th working day after a day, or before it: its year, and its place among that year's. n is not 0. */
export function nthWorkingDay(
  calendar: PreparedCalendar,
  day: number,
  n: number,
): { year: WorkingYear; index: number; provisional: boolean } {
  const start = calendar.year(yearOf(n < 0 ? day - 1 : day + 1));
  const counted = countUpTo(start.days, n < 0 ? day - 1 : day);
  const { year, rest, provisional } = locate(calendar, start, counted + n, ({ days }) => days.length);
  return { year, index: n < 0 ? rest : rest - 1, provisional };
}
