import { notFound, parseName } from '@bankcrm/kernel';
import type { ListTransactionsRequest, ListTransactionsResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff, pageSizeOf, parseFilter } from '@bankcrm/service';
import { type TransactionCriteria, transactionCriteria, transactionFields } from '../../domain/transaction-criteria.ts';
import { type TransactionRow, transactionOf } from '../../store/transaction-row.ts';
import { actOn, callerParameters, viewParameters } from '../acts.ts';
import { type CustomerDeps, requireFinancials } from '../deps.ts';

/** Transactions of all accounts of a customer, newest first, read and recorded in one round trip. Throws NOT_FOUND. */
export const listTransactions =
  (deps: CustomerDeps) =>
  async (request: ListTransactionsRequest, call: Call): Promise<ListTransactionsResponse> => {
    const caller = callingStaff(call);
    requireFinancials(caller);
    const customerId = parseName('customers/*', request.parent, 'parent')[0]!;
    const pageSize = pageSizeOf(request.pageSize);
    const criteria = transactionCriteria(parseFilter(request.filter, transactionFields), customerId);
    const query = [call.operation, caller.staffId, customerId, request.filter];
    const [afterTime, afterSequence, afterId] = deps.pages.read(query, request.pageToken) ?? [];

    const limit = criteria.impossible ? 0 : pageSize + 1;
    const { rows } = await deps.requests.query<{ page: TransactionRow[] | null }>({
      name: 'view-transactions',
      text: `SELECT customer.view_transactions($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) AS page`,
      values: [
        ...callerParameters(call),
        customerId,
        ...filterParameters(criteria),
        afterTime ?? null,
        afterSequence ?? null,
        afterId ?? null,
        limit,
        ...viewParameters(actOn(customerId, call, deps, deps.clock.now())),
      ],
    });
    const page = rows[0]?.page;
    if (!page) throw notFound();

    const shown = page.slice(0, pageSize);
    const last = page.length > pageSize ? shown.at(-1) : undefined;
    return {
      transactions: shown.map((row) => transactionOf(row, `customers/${customerId}`)),
      nextPageToken: last ? deps.pages.issue(query, [last.post_time, last.sequence_text, last.transaction_id]) : '',
    };
  };

const filterParameters = (criteria: TransactionCriteria): unknown[] => [
  criteria.accountId ?? null,
  criteria.kind ?? null,
  criteria.direction === undefined ? null : criteria.direction === 'credit' ? 1 : 2,
  criteria.channel ?? null,
  criteria.currencyCode ?? null,
  criteria.amountMinor?.least ?? null,
  criteria.amountMinor?.most ?? null,
  criteria.postTime?.least ?? null,
  criteria.postTime?.most ?? null,
  criteria.bookingDate?.least ?? null,
  criteria.bookingDate?.most ?? null,
];
