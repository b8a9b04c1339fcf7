import { actorName } from '@bankcrm/access';
import { denied } from '@bankcrm/kernel';
import type { ListAuditEntriesRequest, ListAuditEntriesResponse } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { type Call, pageSizeOf } from '@bankcrm/service';
import { customerIn } from '../domain/criteria.ts';
import { customersShown } from '../store/customers.ts';
import { searchEntries } from '../store/search.ts';
import { entryToWire } from '../store/wire.ts';
import { askedFor, asReader, type ReadDeps, recordView } from './deps.ts';
import { readCriteria } from './read-criteria.ts';

/**
 * Entries that the caller may see, newest first; serves lists and searches. Throws DENIED `CUSTOMERS_HIDDEN` where a customer is looked for by somebody to
 * whom none are shown. One whom the caller does not see is answered as one who is not there.
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
      if (customerId !== undefined && reader.customers === undefined) throw denied('CUSTOMERS_HIDDEN');
      const ofOne = customerId === undefined ? undefined : await customersShown(tx, reader, [{ customerId }]);
      const found =
        customerId !== undefined && !ofOne!({ customerId })
          ? []
          : await searchEntries(tx, {
              reader,
              conditions,
              ...(time && entryId && { after: { eventTime: new Date(time), entryId } }),
              limit: size + 1,
            });
      const page = found.slice(0, size);
      const shows = ofOne ?? (await customersShown(tx, reader, page));
      await recordView(tx, call, deps, {
        queryHash: askedFor(deps, request.filter),
        count: BigInt(page.length),
        ...(customerId !== undefined && { customer: `customers/${customerId}` }),
      });
      const last = page.at(-1);
      const isMore = found.length > size && last !== undefined;
      return {
        entries: page.map((entry) => entryToWire(entry, shows(entry))),
        nextPageToken: isMore ? deps.pages.issue(query, [last.eventTime.toISOString(), last.entryId]) : '',
      };
    });
  };
