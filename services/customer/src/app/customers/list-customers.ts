import { civilDate, invalid } from '@bankcrm/kernel';
import type { ListCustomersRequest, ListCustomersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff, pageSizeOf } from '@bankcrm/service';
import { birthdaysBetween } from '../../domain/birthdays.ts';
import { listOrderOf } from '../../domain/customer-criteria.ts';
import { Reason } from '../../domain/reasons.ts';
import { isUsual, type ListPosition, partsOf, readListPart, withUnits } from '../../store/customer-lists.ts';
import { type SummaryRow, summaryOf } from '../../store/summary-row.ts';
import { queryHash, recordList } from '../acts.ts';
import { asCaller, type CustomerDeps, financialsPermission } from '../deps.ts';
import { readCriteria } from './read-criteria.ts';

/** The customers of the caller's scope, filtered and sorted, page by page; each page is recorded. */
export const listCustomers =
  (deps: CustomerDeps) =>
  async (request: ListCustomersRequest, call: Call): Promise<ListCustomersResponse> => {
    const caller = callingStaff(call);
    const financials = caller.permissions.has(financialsPermission);
    const today = civilDate(deps.clock.now(), deps.timeZone);
    const pageSize = pageSizeOf(request.pageSize);
    const order = listOrderOf(request.orderBy, financials);
    call.asksFor(queryHash(deps, [request.filter, order]));
    const criteria = readCriteria(request.filter, caller, deps, today);
    // The order by birthday depends on the day: a token goes on with the day that its list began with.
    const query = [call.operation, caller.staffId, request.filter, order];
    const [startDay, ...position] = deps.pages.read(query, request.pageToken) ?? [today];
    const parts = partsOf(order, birthdaysBetween(undefined, undefined, startDay ?? today));
    const after = positionOf(position, parts.length);

    const usual = isUsual(criteria);
    const rows: { row: SummaryRow & { key: string | null }; part: number }[] = [];
    await asCaller(
      deps,
      call,
      async (tx) => {
        rows.length = 0;
        const reader = usual ? caller : await withUnits(tx, caller);
        const end = criteria.impossible ? 0 : parts.length;
        for (let part = after?.part ?? 0; part < end && rows.length <= pageSize; part += 1) {
          const from = after?.part === part ? after : undefined;
          const found = await readListPart(tx, reader, criteria, parts[part]!, from, pageSize + 1 - rows.length);
          rows.push(...found.map((row) => ({ row, part })));
        }
        await recordList(tx, call, deps, [request.filter, order], Math.min(rows.length, pageSize));
      },
      { planned: usual ? 'once' : 'anew' },
    );

    const shown = rows.slice(0, pageSize);
    const last = rows.length > pageSize ? shown.at(-1) : undefined;
    return {
      customers: shown.map(({ row }) => summaryOf(row, { financials, bankCurrency: deps.bankCurrency, today })),
      nextPageToken: last
        ? deps.pages.issue(query, [startDay ?? today, String(last.part), last.row.key, last.row.customer_id])
        : '',
    };
  };

function positionOf([part, key, customerId]: readonly (string | null)[], parts: number): ListPosition | undefined {
  if (part === undefined || part === null || customerId === undefined || customerId === null) return undefined;
  if (Number(part) >= parts) throw invalid('page_token', 'must be the next_page_token of the same list', Reason.invalidPageToken);
  return { part: Number(part), key: key ?? null, customerId };
}
