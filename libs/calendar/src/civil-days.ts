import { invalid, isCivilDate } from '@bankcrm/kernel';
import { firstYear, lastYear } from './calendar.ts';

export const msPerMinute = 60_000;
export const msPerDay = 86_400_000;

/** A civil date counted from 1970-01-01, which is 0. Throws INVALID where `date` is none of the calendar's years. */
export function dayNumber(date: string, field: string): number {
  if (!isCivilDate(date) || date < `${firstYear}` || date > `${lastYear}-12-31`)
    throw invalid(field, `must be a date from ${firstYear}-01-01 to ${lastYear}-12-31`);
  return Date.parse(`${date}T00:00:00Z`) / msPerDay;
}

export const dateOf = (day: number): string => new Date(day * msPerDay).toISOString().slice(0, 10);
export const yearOf = (day: number): number => new Date(day * msPerDay).getUTCFullYear();
/** As an index of `weekdays`: 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (day + 4) % 7;

/** `HH:MM` in milliseconds from midnight, by the clock of a day of 24 hours. */
export const timeOfDay = (text: string): number => (Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) * msPerMinute;
