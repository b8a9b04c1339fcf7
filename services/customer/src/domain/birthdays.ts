import { daysAfter, isCivilDate } from '@bankcrm/kernel';

/** Month × 100 + day. */
export type Birthday = number;

/** Inclusive ends; the first is not greater than the second. */
export type BirthdayRange = readonly [from: Birthday, to: Birthday];

const leapDay: Birthday = 229;
export const birthdayOn = (date: string): Birthday => Number(date.slice(5, 7)) * 100 + Number(date.slice(8, 10));

/** The day of a year; whoever was born on 29 February celebrates on the 28th in years without one, and is not forgotten. */
function inYear(year: number, birthday: Birthday): string {
  const date = `${String(year).padStart(4, '0')}-${String(Math.floor(birthday / 100)).padStart(2, '0')}-${String(birthday % 100).padStart(2, '0')}`;
  return birthday === leapDay && !isCivilDate(date) ? `${date.slice(0, 8)}28` : date;
}

/** The next day on which somebody has birthday, today included. */
export function nextBirthday(birthday: Birthday, today: string): string {
  const year = Number(today.slice(0, 4));
  const thisYear = inYear(year, birthday);
  return thisYear >= today ? thisYear : inYear(year + 1, birthday);
}

/**
 * The birthdays whose next occurrence lies between two days (inclusive, absent = without end), as ranges in the order in which
 * they come: from today to the end of the year, then from its beginning to yesterday.
 */
export function birthdaysBetween(from: string | undefined, to: string | undefined, today: string): BirthdayRange[] {
  const first = from === undefined || from < today ? today : from;
  const yearLater = daysAfter(`${Number(today.slice(0, 4)) + 1}${today.slice(4) === '-02-29' ? '-03-01' : today.slice(4)}`, -1);
  const last = to === undefined || to > yearLater ? yearLater : to;
  if (first > last) return [];
  const start = birthdayOn(first);
  const end = endOf(last);
  const ranges: BirthdayRange[] =
    first.slice(0, 4) === last.slice(0, 4)
      ? [[start, end]]
      : [
          [start, 1231],
          // The leap day that is today does not come again a year later.
          [101, Math.min(end, start - 1)],
        ];
  return ranges.filter(([a, b]) => a <= b);
}

/** 28 February of a year without a 29th is the leap day's day too. */
function endOf(date: string): Birthday {
  const end = birthdayOn(date);
  return end === 228 && !isCivilDate(`${date.slice(0, 4)}-02-29`) ? leapDay : end;
}
