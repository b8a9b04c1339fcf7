import { invalid } from '@bankcrm/kernel';
import { dayNumber, yearOf } from './civil-days.ts';
import type { PreparedCalendar } from './prepared-calendar.ts';
import { countUpTo } from './working-year.ts';

/**
 * The working days from one civil date to another (`YYYY-MM-DD`), both counted. `provisional` where a year of them is not loaded. Throws INVALID for dates
 * outside of the calendar's years or in the wrong order.
 */
export function workingDays(calendar: PreparedCalendar, from: string, to: string): { days: number; provisional: boolean } {
  const first = dayNumber(from, 'from');
  const last = dayNumber(to, 'to');
  if (last < first) throw invalid('to', 'must not be before the first date');
  let days = 0;
  let provisional = false;
  for (let at = yearOf(first); at <= yearOf(last); at += 1) {
    const year = calendar.year(at);
    days += countUpTo(year.days, last) - countUpTo(year.days, first - 1);
    provisional ||= !year.isLoaded;
  }
  return { days, provisional };
}

/** The working days of a civil year. Throws as {@link workingDays} does. */
export const workingDaysOfYear = (calendar: PreparedCalendar, year: number): { days: number; provisional: boolean } =>
  workingDays(calendar, `${year}-01-01`, `${year}-12-31`);
