import { actorName } from '@bankcrm/access';
import type { ListCalendarsRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/calendars.ts';
import { type Call, type PageTokens, pageSizeOf } from '@bankcrm/service';
import { calendarOf, withYears } from '../store/store.ts';
import { calendarToWire } from '../store/wire.ts';
import { asCaller, type ReadDeps } from './deps.ts';

/** Calendars are large: few stand on a page. */
const mostOnPage = 10;

/** All calendars, ordered by their ids. */
export const listCalendars = (deps: ReadDeps & { pages: PageTokens }) => async (request: ListCalendarsRequest, call: Call) => {
  const size = pageSizeOf(request.pageSize, mostOnPage);
  const query = [call.operation, actorName(call.caller)];
  const after = deps.pages.read(query, request.pageToken)?.[0];
  const rows = await asCaller(deps, call, ({ db }) =>
    db.calendar.findMany({
      where: after ? { calendarId: { gt: after } } : {},
      orderBy: { calendarId: 'asc' },
      take: size + 1,
      include: withYears,
    }),
  );
  const page = rows.slice(0, size).map(calendarOf);
  const nextPageToken = rows.length > size ? deps.pages.issue(query, [page.at(-1)!.calendarId]) : '';
  return { calendars: page.map(calendarToWire), nextPageToken };
};
