/** A formatter is far dearer to make than to use, and every view asks for the bank's day. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The bank's civil date (`YYYY-MM-DD`) at an instant. */
export function bankDay(instant: Date, timeZone: string): string {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(instant);
}

/** The civil date so many days later. */
export function daysAfter(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
