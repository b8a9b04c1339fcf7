import { invalid } from '@bankcrm/kernel';
import { type BusinessCalendar, firstYear, lastYear, weekdays } from './calendar.ts';
import { dayNumber, timeOfDay, weekdayOf } from './civil-days.ts';
import { layOutYear, type Span, type WorkingYear } from './working-year.ts';

/** A calendar ready to be asked often. It lays out a year when first asked about it, and keeps at most the hundred years it reaches. */
export interface PreparedCalendar {
  timeZone: string;
  /** Throws INVALID beyond the years that calendars reach: there is not as much working time as was asked for. */
  year: (year: number) => WorkingYear;
}

/**
 * Prepares a calendar that {@link readWorkingHours} and {@link readCalendarYear} have read. Throws INVALID where a year is loaded twice, RangeError where
 * there is no such zone.
 */
export function prepareCalendar({ timeZone, week, years }: BusinessCalendar): PreparedCalendar {
  const plain = weekdays.map((weekday): Span[] =>
    (week[weekday] ?? []).map(({ from, to }) => ({ from: timeOfDay(from), to: timeOfDay(to) })),
  );
  const loaded = new Set(years.map(({ year }) => year));
  if (loaded.size < years.length) throw invalid('years', 'must have each year once');
  const special = new Map<number, readonly Span[]>();
  for (const { daysOff, makeUpDays } of years) {
    for (const { date } of daysOff) special.set(dayNumber(date, 'date'), []);
    for (const { date, worksAs } of makeUpDays) special.set(dayNumber(date, 'date'), plain[weekdays.indexOf(worksAs)]!);
  }
  const periodsOf = (day: number) => special.get(day) ?? plain[weekdayOf(day)]!;
  const laidOut = new Map<number, WorkingYear>();
  return {
    timeZone,
    year: (year) => {
      let found = laidOut.get(year);
      if (!found) {
        if (year < firstYear || year > lastYear)
          throw invalid('calendar', `must have that much working time in the years ${firstYear} to ${lastYear}`);
        found = layOutYear({ year, isLoaded: loaded.has(year), timeZone }, periodsOf);
        laidOut.set(year, found);
      }
      return found;
    },
  };
}

/** The civil year of an instant. Throws INVALID for an instant outside of the calendar's years, or for none. */
export function yearAt(calendar: PreparedCalendar, instant: number): WorkingYear {
  // Zones are less than a day from UTC, so the civil year is that of UTC or the one beside it.
  const near = Math.min(Math.max(new Date(instant).getUTCFullYear(), firstYear), lastYear);
  let found = Number.isNaN(near) ? undefined : calendar.year(near);
  if (found && instant < found.from && near > firstYear) found = calendar.year(near - 1);
  else if (found && instant >= found.to && near < lastYear) found = calendar.year(near + 1);
  if (!found || instant < found.from || instant >= found.to)
    throw invalid('instant', `must be in the years ${firstYear} to ${lastYear} of the calendar's zone`);
  return found;
}

/**
 * Goes from one year to others until an amount, counted from the first year's beginning, lies in one: the year, what is left of the amount there,
 * and whether a year on the way is not loaded. Forwards an amount that a year uses up lies in it; backwards one that it only begins with.
 * Throws INVALID where the calendar's years are not enough.
 */
export function locate(
  calendar: PreparedCalendar,
  start: WorkingYear,
  amount: number,
  sizeOf: (year: WorkingYear) => number,
): { year: WorkingYear; rest: number; provisional: boolean } {
  let year = start;
  let rest = amount;
  let provisional = !year.isLoaded;
  while (rest > sizeOf(year)) {
    rest -= sizeOf(year);
    year = calendar.year(year.year + 1);
    provisional ||= !year.isLoaded;
  }
  while (rest < 0) {
    year = calendar.year(year.year - 1);
    rest += sizeOf(year);
    provisional ||= !year.isLoaded;
  }
  return { year, rest, provisional };
}
