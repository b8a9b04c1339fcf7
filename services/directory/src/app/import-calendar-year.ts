import { command } from '@bankcrm/backend';
import { invalid } from '@bankcrm/kernel';
import { Calendar, ImportCalendarYearRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/calendars.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { checkCalendarYear, checkWorkingHours } from '../domain/calendar-year.ts';
import { parseCalendarName, parseCalendarTitle } from '../domain/input.ts';
import { requireActive } from '../store/store.ts';
import { calendarToWire, weekdayFromWire, weekFromWire } from '../store/wire.ts';
import type { OnceDeps } from './deps.ts';
import { saveCalendarYear } from './save-calendar-year.ts';

/**
 * Replaces a year of a calendar as a whole, or makes the calendar with it; once per request id. Throws INVALID with every field that is wrong, and what
 * `importYear` throws.
 */
export const importCalendarYear = (deps: OnceDeps) => async (request: ImportCalendarYearRequest, call: Call) => {
  const { staffId: by } = callingStaff(call);
  const calendarId = parseCalendarName(request.name);
  const displayName = request.displayName === undefined ? undefined : parseCalendarTitle(request.displayName);
  const hours = hoursOf(request);
  const days = request.days.map(({ name, date, isOffDay, worksAs }) => {
    const weekday = weekdayFromWire(worksAs);
    return { name, date, isOffDay, ...(weekday && { worksAs: weekday }) };
  });
  const year = checkCalendarYear({ year: request.year, days });

  const { reply } = await command(deps, call, {
    request,
    requestType: ImportCalendarYearRequest,
    replyType: Calendar,
    async work(tx) {
      await requireActive(tx, by);
      const act = { call, now: deps.clock.now() };
      const calendar = await saveCalendarYear(tx, deps.records, { calendarId, displayName, hours, year }, request.etag, act);
      return { reply: calendarToWire(calendar), recorded: true };
    },
  });
  return reply;
};

function hoursOf({ timeZone, week }: ImportCalendarYearRequest) {
  if (timeZone === undefined && week.length === 0) return undefined;
  if (new Set(week.map(({ weekday }) => weekday)).size < week.length) throw invalid('week', 'must differ from one another');
  return checkWorkingHours({ timeZone, week: weekFromWire(week) });
}
