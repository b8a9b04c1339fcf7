import { nobody } from '@bankcrm/database';
import { invalid } from '@bankcrm/kernel';
import { checkCalendarYear, checkWorkingHours } from '../domain/calendar-year.ts';
import { parseCalendarName, parseCalendarTitle } from '../domain/input.ts';
import type { ChangeDeps } from './deps.ts';
import { ownCall } from './own-call.ts';
import { saveCalendarYear } from './save-calendar-year.ts';

/**
 * Replaces a year of a calendar by what a file says, under the service's own name: `{ year, days }` as for an import by a person, of a new calendar also
 * `displayName`, `timeZone` and `week`. Throws INVALID with every field that is wrong, and what `importYear` throws. Returns the calendar.
 */
export function importCalendarFile(deps: ChangeDeps, id: string, file: Readonly<Record<string, unknown>>) {
  const { displayName, timeZone, week } = file;
  const imported = {
    calendarId: parseCalendarName(`calendars/${id}`),
    displayName: displayName === undefined ? undefined : parseCalendarTitle(textIn('display_name', displayName)),
    hours: timeZone === undefined && week === undefined ? undefined : checkWorkingHours({ timeZone, week }),
    year: checkCalendarYear(file),
  };
  const act = { call: ownCall('ImportCalendarYear'), now: deps.clock.now() };
  return deps.database.inTransaction(nobody, (tx) => saveCalendarYear(tx, deps.records, imported, '', act));
}

function textIn(field: string, value: unknown): string {
  if (typeof value !== 'string') throw invalid(field, 'must be a text');
  return value;
}
