import type { GetCalendarRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/calendars.ts';
import type { Call } from '@bankcrm/service';
import { parseCalendarName } from '../domain/input.ts';
import { loadCalendar } from '../store/store.ts';
import { calendarToWire } from '../store/wire.ts';
import { asCaller, type ReadDeps } from './deps.ts';

/** One calendar with the years that are loaded. Throws NOT_FOUND. */
export const getCalendar = (deps: ReadDeps) => async (request: GetCalendarRequest, call: Call) => {
  const id = parseCalendarName(request.name);
  return calendarToWire(await asCaller(deps, call, (tx) => loadCalendar(tx, id)));
};
