import { callerSettings } from '@bankcrm/access';
import type { Database } from '@bankcrm/backend';
import { appendToOutbox } from '@bankcrm/events';
import type { Clock } from '@bankcrm/kernel';
import type { ListSubjectsRequest, ListSubjectsResponse } from '@bankcrm/proto/gen/bankcrm/kit/v1/notes.ts';
import { customersInSight } from '@bankcrm/scope';
import { auditEntry, auditEvent, type Call, callingStaff, type PageTokens, pageSizeOf } from '@bankcrm/service';

interface ListDeps {
  service: string;
  database: Database;
  pages: PageTokens;
  clock: Clock;
}

/** The customers in the caller's scope whom the bank serves now, page by page; each page is recorded. Throws INVALID for a page that cannot be read. */
export const listSubjects =
  ({ service, database, pages, clock }: ListDeps) =>
  async (request: ListSubjectsRequest, call: Call): Promise<ListSubjectsResponse> => {
    const { staffId } = callingStaff(call);
    const size = pageSizeOf(request.pageSize);
    const query = [call.operation, staffId];
    const [after] = pages.read(query, request.pageToken) ?? [];
    const rows = await database.inTransaction(callerSettings(call.caller), async (tx) => {
      const { rows } = await tx.query<{ customer_id: string }>({
        name: 'list-subjects',
        text: `
          SELECT c.customer_id FROM scope.customer AS c
          WHERE ($1::uuid IS NULL OR c.customer_id > $1) AND c.merged_into IS NULL AND c.state IN ('ACTIVE', 'DORMANT') AND ${customersInSight('c')}
          ORDER BY c.customer_id LIMIT $2`,
        values: [after ?? null, size + 1],
      });
      const count = BigInt(Math.min(rows.length, size));
      await appendToOutbox(tx, [auditEvent(auditEntry(call, { service, time: clock.now(), count }))]);
      return rows;
    });
    const shown = rows.slice(0, size);
    const last = rows.length > size ? shown.at(-1) : undefined;
    return {
      customers: shown.map(({ customer_id }) => `customers/${customer_id}`),
      nextPageToken: last ? pages.issue(query, [last.customer_id]) : '',
    };
  };
