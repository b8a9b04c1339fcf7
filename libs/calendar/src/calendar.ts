/** In the order of `Date.getUTCDay`. */
export const weekdays = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'] as const;
export type Weekday = (typeof weekdays)[number];

/** Of one day by its own clock, `HH:MM`: from the first minute up to, and without, the second. A day ends at `24:00`. */
export interface WorkingPeriod {
  from: string;
  to: string;
}

/** When the bank works in a plain week. Periods of a day rise and do not overlap; a weekday that is missing is free. */
export interface WorkingHours {
  /** An IANA name, e.g. `Asia/Shanghai`. */
  timeZone: string;
  week: Readonly<Partial<Record<Weekday, readonly WorkingPeriod[]>>>;
}

export interface DayOff {
  /** `YYYY-MM-DD` */
  date: string;
  name: string;
}

/** A day that works as the named weekday does, whatever weekday it is. */
export interface MakeUpDay extends DayOff {
  worksAs: Weekday;
}

/** What a year has beside its plain weeks. */
export interface CalendarYear {
  year: number;
  daysOff: readonly DayOff[];
  makeUpDays: readonly MakeUpDay[];
}

/** Years that are not loaded are counted by plain weeks, and answers that depend on them are provisional. */
export interface BusinessCalendar extends WorkingHours {
  years: readonly CalendarYear[];
}

/** Calendars reach from the first day of the one to the last of the other. Since 2000 clocks differ from UTC by whole minutes everywhere. */
export const firstYear = 2000;
export const lastYear = 2099;

/** The most periods that a day may have. */
export const maxPeriodsPerDay = 10;
