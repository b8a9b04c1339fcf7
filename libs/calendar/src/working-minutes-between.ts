import { msPerMinute } from './civil-days.ts';
import { type PreparedCalendar, yearAt } from './prepared-calendar.ts';
import { workedBefore } from './working-year.ts';

/**
 * The working minutes from one instant to another, with the part of a minute that is over; negative where the second is before the first.
 * `provisional` where a year between them is not loaded. Throws INVALID for an instant outside of the calendar's years.
 */
export function workingMinutesBetween(
  calendar: PreparedCalendar,
  from: Date,
  to: Date,
): { minutes: number; provisional: boolean } {
  if (to < from) {
    const { minutes, provisional } = workingMinutesBetween(calendar, to, from);
    return { minutes: -minutes, provisional };
  }
  let year = yearAt(calendar, from.getTime());
  if (from.getTime() === to.getTime()) return { minutes: 0, provisional: false };
  // The end is not part of it: an end at the turn of a year depends on nothing of the next.
  const last = yearAt(calendar, to.getTime() - 1);
  let worked = workedBefore(last, to.getTime()) - workedBefore(year, from.getTime());
  let provisional = !year.isLoaded || !last.isLoaded;
  for (; year.year < last.year; year = calendar.year(year.year + 1)) {
    worked += year.total;
    provisional ||= !year.isLoaded;
  }
  return { minutes: worked / msPerMinute, provisional };
}
