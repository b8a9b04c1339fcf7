import { notFound, parseName } from '@bankcrm/kernel';
import type { ListTimelineRequest, ListTimelineResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff, pageSizeOf, parseFilter } from '@bankcrm/service';
import { timelineCriteria, timelineFields } from '../../domain/timeline-criteria.ts';
import { type TimelineRow, timelineItemOf } from '../../store/timeline-row.ts';
import { actOn, callerParameters, viewParameters } from '../acts.ts';
import { type CustomerDeps, financialsPermission } from '../deps.ts';

/**
 * Interactions with a customer and what other services say happened, newest first, read and recorded in one round trip. Entries that the caller may not see are
 * left out before the page is cut. Throws NOT_FOUND.
 */
export const listTimeline =
  (deps: CustomerDeps) =>
  async (request: ListTimelineRequest, call: Call): Promise<ListTimelineResponse> => {
    const caller = callingStaff(call);
    const customerId = parseName('customers/*', request.parent, 'parent')[0]!;
    const pageSize = pageSizeOf(request.pageSize);
    const criteria = timelineCriteria(parseFilter(request.filter, timelineFields));
    const query = [call.operation, caller.staffId, customerId, request.filter];
    const [afterTime, afterRank, afterId] = deps.pages.read(query, request.pageToken) ?? [];

    const { rows } = await deps.requests.query<{ page: TimelineRow[] | null }>({
      name: 'view-timeline',
      text: 'SELECT customer.view_timeline($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) AS page',
      values: [
        ...callerParameters(call),
        customerId,
        caller.permissions.has(financialsPermission),
        [...caller.permissions],
        criteria.kind ?? null,
        criteria.resourceType ?? null,
        criteria.eventTime?.least ?? null,
        criteria.eventTime?.most ?? null,
        afterTime ?? null,
        afterRank ?? null,
        afterId ?? null,
        criteria.impossible ? 0 : pageSize + 1,
        ...viewParameters(actOn(customerId, call, deps, deps.clock.now())),
      ],
    });
    const page = rows[0]?.page;
    if (!page) throw notFound();

    const shown = page.slice(0, pageSize);
    const last = page.length > pageSize ? shown.at(-1) : undefined;
    return {
      items: shown.map((row) => timelineItemOf(row, `customers/${customerId}`)),
      nextPageToken: last ? deps.pages.issue(query, [last.event_time, String(last.rank), last.id]) : '',
    };
  };
