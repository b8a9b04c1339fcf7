import { type PreparedCalendar, yearAt } from './prepared-calendar.ts';
import { countUpTo } from './working-year.ts';

/**
 * Whether the bank works at an instant: from a period's first moment on, no longer at its end. `provisional` where the instant's year is not loaded.
 * Throws INVALID outside of the calendar's years.
 */
export function isWorkingTime(calendar: PreparedCalendar, instant: Date): { isWorking: boolean; provisional: boolean } {
  const at = instant.getTime();
  const year = yearAt(calendar, at);
  const piece = countUpTo(year.starts, at) - 1;
  return { isWorking: piece >= 0 && at < year.ends[piece]!, provisional: !year.isLoaded };
}
