import { invalid } from '@bankcrm/kernel';

/** A quarter of the bank's civil year, as `2026Q4`. */
export type Quarter = string & { readonly __quarter: true };

const shape = /^(?:19|2\d)\d{2}Q[1-4]$/;

/** Reads `2026Q4`. Throws INVALID. */
export function parseQuarter(text: string): Quarter {
  if (!shape.test(text)) throw invalid('quarter', 'must look like 2026Q4');
  return text as Quarter;
}

const prefix = 'auditPacks/';

export const packName = (quarter: Quarter): string => `${prefix}${quarter}`;

/** Reads `auditPacks/2026Q4`. Throws INVALID `INVALID_RESOURCE_NAME`. */
export function parsePackName(name: string): Quarter {
  const quarter = name.slice(prefix.length);
  if (!name.startsWith(prefix) || !shape.test(quarter))
    throw invalid('name', 'must look like auditPacks/2026Q4', 'INVALID_RESOURCE_NAME');
  return quarter as Quarter;
}

/** When a quarter begins and when the next one does, at midnight in a time zone. */
export function periodOf(quarter: Quarter, timeZone: string): { start: Date; end: Date } {
  const year = Number(quarter.slice(0, 4));
  const month = 3 * (Number(quarter.slice(5)) - 1);
  return { start: midnight(year, month, timeZone), end: midnight(year, month + 3, timeZone) };
}

/** The instant at which the first day of a month (from 0, 12 being next January) begins. */
function midnight(year: number, month: number, timeZone: string): Date {
  const wall = Date.UTC(year, month, 1);
  // The zone's offset may differ between the guess and what it leads to; then the second guess is right.
  const guess = wall - offsetMs(wall, timeZone);
  return new Date(wall - offsetMs(guess, timeZone));
}

/** How far the clocks of a zone are ahead of UTC at an instant. */
function offsetMs(instantMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(instantMs).find(({ type }) => type === 'timeZoneName')!.value;
  const [, sign, hours, minutes, seconds = '0'] = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}
