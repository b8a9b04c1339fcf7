import type { BusinessCalendar, CalendarYear, WorkingHours } from '@bankcrm/calendar';
import { invalid, refused } from '@bankcrm/kernel';
import { Reason } from './reasons.ts';

export interface Calendar extends BusinessCalendar {
  /** At most 32 lower-case letters, digits and hyphens. */
  calendarId: string;
  displayName: string;
  version: number;
  revision: bigint;
  createTime: Date;
  updateTime: Date;
}

export interface CalendarImport {
  calendarId: string;
  /** Undefined: as it is. */
  displayName: string | undefined;
  /** Undefined: as they are. */
  hours: WorkingHours | undefined;
  year: CalendarYear;
}

export const mostCalendars = 100;
/** Of all years together: what is published of a calendar stays well below the size of a message. */
export const mostDays = 2_000;

/**
 * The calendar with a year replaced as a whole, or a new one. Throws INVALID where a new one has no name or no hours, REFUSED `TOO_MANY_CALENDARS` or
 * `TOO_MANY_DAYS`.
 */
export function importYear(
  current: Calendar | undefined,
  { calendarId, displayName = current?.displayName, hours = current, year }: CalendarImport,
  { calendars, revision, now }: { calendars: number; revision: bigint; now: Date },
): Calendar {
  if (displayName === undefined) throw invalid('display_name', 'is required');
  if (!hours) throw invalid('week', 'is required');
  if (!current && calendars >= mostCalendars) throw refused(Reason.tooManyCalendars, { limit: mostCalendars });
  const others = (current?.years ?? []).filter((loaded) => loaded.year !== year.year);
  const years = [...others, year].sort((a, b) => a.year - b.year);
  if (years.reduce((sum, { daysOff, makeUpDays }) => sum + daysOff.length + makeUpDays.length, 0) > mostDays)
    throw refused(Reason.tooManyDays, { limit: mostDays });
  return {
    calendarId,
    displayName,
    timeZone: hours.timeZone,
    week: hours.week,
    years,
    version: (current?.version ?? 0) + 1,
    revision,
    createTime: current?.createTime ?? now,
    updateTime: now,
  };
}
