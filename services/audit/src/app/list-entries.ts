import { actorName } from '@bankcrm/access';
import { denied } from '@bankcrm/kernel';
import type { ListAuditEntriesRequest, ListAuditEntriesResponse } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { type Call, pageSizeOf } from '@bankcrm/service';
import { customerIn } from '../domain/criteria.ts';
import { searchEntries } from '../store/search.ts';
import { entryToWire } from '../store/wire.ts';
import { askedFor, asReader, type ReadDeps, recordView } from './deps.ts';
import { readCriteria } from './read-criteria.ts';

/**
 * Entries that the caller may see, newest first; serves lists and searches. Throws DENIED `CUSTOMERS_HIDDEN` where a customer is looked for by somebody who sees none.
 */
export const listEntries =
  (deps: ReadDeps) =>
  (request: ListAuditEntriesRequest, call: Call): Promise<ListAuditEntriesResponse> => {
    const size = pageSizeOf(request.pageSize);
    call.asksFor(askedFor(deps, request.filter));
    const conditions = readCriteria(request.filter);
    const customerId = customerIn(conditions);
    // Of either operation: a list goes on as a search.
    const query = ['auditEntries', actorName(call.caller), request.filter];
    const [time, entryId] = deps.pages.read(query, request.pageToken) ?? [];
    return asReader(deps, call, async (tx, reader) => {
      if (customerId !== undefined && !reader.seesCustomers) throw denied('CUSTOMERS_HIDDEN');
      const found = await searchEntries(tx, {
        reader,
        conditions,
        ...(time && entryId && { after: { eventTime: new Date(time), entryId } }),
        limit: size + 1,
      });
      const page = found.slice(0, size);
      await recordView(tx, call, deps, {
        queryHash: askedFor(deps, request.filter),
        count: BigInt(page.length),
        ...(customerId !== undefined && { customer: `customers/${customerId}` }),
      });
      const last = page.at(-1);
      const isMore = found.length > size && last !== undefined;
      return {
        entries: page.map((entry) => entryToWire(entry, reader.seesCustomers)),
        nextPageToken: isMore ? deps.pages.issue(query, [last.eventTime.toISOString(), last.entryId]) : '',
      };
    });
  };
