import { parseName } from '@bankcrm/kernel';
import type { ListInteractionsRequest, ListInteractionsResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff, pageSizeOf } from '@bankcrm/service';
import { type InteractionRow, interactionColumns, interactionOf } from '../../store/interaction-row.ts';
import { requireCustomer } from '../../store/visible-customer.ts';
import { actOn, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';

/** Everything that was recorded about meeting a customer, newest first. Throws NOT_FOUND. */
export const listInteractions =
  (deps: CustomerDeps) =>
  async (request: ListInteractionsRequest, call: Call): Promise<ListInteractionsResponse> => {
    const caller = callingStaff(call);
    const customerId = parseName('customers/*', request.parent, 'parent')[0]!;
    const pageSize = pageSizeOf(request.pageSize);
    const query = [call.operation, caller.staffId, customerId];
    const [afterTime, afterId] = deps.pages.read(query, request.pageToken) ?? [];
    const rows = await asCaller(deps, call, async (tx) => {
      await requireCustomer(tx, customerId);
      const page = await tx.query<InteractionRow & { position_time: string }>(
        `SELECT ${interactionColumns}, occur_time::text AS position_time FROM customer.interaction
         WHERE customer_id = $1 AND (occur_time, interaction_id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
         ORDER BY occur_time DESC, interaction_id DESC LIMIT $4`,
        [customerId, afterTime ?? null, afterId ?? null, pageSize + 1],
      );
      await recordAct(tx, actOn(customerId, call, deps, deps.clock.now()));
      return page.rows;
    });
    const shown = rows.slice(0, pageSize);
    const last = rows.length > pageSize ? shown.at(-1) : undefined;
    return {
      interactions: shown.map((row) => interactionOf(row, `customers/${customerId}`)),
      nextPageToken: last ? deps.pages.issue(query, [last.position_time, last.interaction_id]) : '',
    };
  };
