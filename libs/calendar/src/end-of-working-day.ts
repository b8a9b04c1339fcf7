import { invalid } from '@bankcrm/kernel';
import { nthWorkingDay } from './add-working-days.ts';
import { msPerDay } from './civil-days.ts';
import { type PreparedCalendar, yearAt } from './prepared-calendar.ts';

/** As many as ten years of them. */
const maxDays = 3_660;

/**
 * The deadline of n working days from an instant: when business ends on the n-th working day after the instant's own day, whatever its time of day.
 * People reckon such deadlines in days: who is asked on Monday to answer within two working days has until Wednesday evening, and so says the law (Civil Code
 * of China, articles 201 and 203: the first day does not count, the last one ends when business stops). For a deadline to the minute, add minutes.
 *
 * `provisional` where a day that was looked at lies in a year that is not loaded. Throws INVALID for an instant outside of the calendar's years, for days that
 * are not whole from 1 on, and for more than the calendar's years have.
 */
export function endOfWorkingDay(
  calendar: PreparedCalendar,
  instant: Date,
  days: number,
): { instant: Date; provisional: boolean } {
  if (!Number.isInteger(days) || days < 1 || days > maxDays) throw invalid('days', `must be a whole number from 1 to ${maxDays}`);
  const at = instant.getTime();
  const { offset } = yearAt(calendar, at).stretches.findLast(({ from }) => from <= at)!;
  const { year, index, provisional } = nthWorkingDay(calendar, Math.floor((at + offset) / msPerDay), days);
  return { instant: new Date(year.dayEnds[index]!), provisional };
}
