/** A civil day counted from 1970-01-01; arithmetic on days needs no time zone. */
export type Day = number;

const DAY_MS = 86_400_000;
/** The bank's clock is UTC+8 the whole year; messages carry UTC instants. */
const BANK_OFFSET_MS = 8 * 3_600_000;

/** `2026-10-31` → day number. Gives NaN for text that is no date of the calendar. */
export function parseDay(text: string): Day {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return Number.NaN;
  const day = Date.parse(`${text}T00:00:00Z`) / DAY_MS;
  return Number.isNaN(day) || formatDay(day) !== text ? Number.NaN : day;
}

/** Day number → `2026-10-31`. */
export function formatDay(day: Day): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The UTC instant of a second of the bank's day. */
export function instantOf(day: Day, second: number): Date {
  return new Date(day * DAY_MS + second * 1_000 - BANK_OFFSET_MS);
}

/** The bank's civil day at an instant. */
export function dayAt(instant: Date): Day {
  return Math.floor((instant.getTime() + BANK_OFFSET_MS) / DAY_MS);
}

export type CalendarMonth = { month: number; first: Day; last: Day };

/** The `count` calendar months that end with `until`; the last one is cut off there. */
export function monthsUntil(until: Day, count: number): CalendarMonth[] {
  const end = new Date(until * DAY_MS);
  return Array.from({ length: count }, (_, position) => {
    const first = Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - (count - 1 - position), 1);
    const start = new Date(first);
    const last = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0) / DAY_MS;
    return { month: start.getUTCMonth() + 1, first: first / DAY_MS, last: Math.min(last, until) };
  });
}
