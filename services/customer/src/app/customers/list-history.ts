import { maskEmail, maskPhone } from '@bankcrm/access/masking';
import { parseName } from '@bankcrm/kernel';
import type { FieldChange, ListHistoryRequest, ListHistoryResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff, pageSizeOf } from '@bankcrm/service';
import { isIdentifyingField, maskAddress } from '../../domain/supplement.ts';
import { requireCustomer } from '../../store/visible-customer.ts';
import { actOn, type Change, openChanges, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';

interface HistoryRow {
  entry_id: string;
  event_time: Date;
  event_time_text: string;
  actor: string;
  operation: string;
  decision: string;
  reason: string;
  changes_sealed: Buffer | null;
}

/** Who did what to a customer, newest first; identifying values in it are masked. Throws NOT_FOUND. */
export const listHistory =
  (deps: CustomerDeps) =>
  async (request: ListHistoryRequest, call: Call): Promise<ListHistoryResponse> => {
    const caller = callingStaff(call);
    const customerId = parseName('customers/*', request.parent, 'parent')[0]!;
    const pageSize = pageSizeOf(request.pageSize);
    const query = [call.operation, caller.staffId, customerId];
    const [afterTime, afterId] = deps.pages.read(query, request.pageToken) ?? [];
    const rows = await asCaller(deps, call, async (tx) => {
      await requireCustomer(tx, customerId);
      const page = await tx.query<HistoryRow>(
        `SELECT entry_id, event_time, event_time::text AS event_time_text, actor, operation, decision, reason, changes_sealed
         FROM customer.history
         WHERE customer_id = $1 AND (event_time, entry_id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
         ORDER BY event_time DESC, entry_id DESC LIMIT $4`,
        [customerId, afterTime ?? null, afterId ?? null, pageSize + 1],
      );
      await recordAct(tx, actOn(customerId, call, deps, deps.clock.now()));
      return page.rows;
    });
    const shown = rows.slice(0, pageSize);
    const last = rows.length > pageSize ? shown.at(-1) : undefined;
    return {
      entries: shown.map((row) => ({
        eventTime: row.event_time,
        actor: row.actor,
        operation: row.operation,
        reason: row.reason,
        changes: row.changes_sealed === null ? [] : openChanges(deps.fields, row.entry_id, row.changes_sealed).map(masked),
        decision: row.decision,
      })),
      nextPageToken: last ? deps.pages.issue(query, [last.event_time_text, last.entry_id]) : '',
    };
  };

const masks = { mobile: maskPhone, email: maskEmail, home_address: maskAddress };

function masked({ field, oldValue, newValue }: Change): FieldChange {
  const mask = isIdentifyingField(field) ? masks[field] : (value: string) => value;
  const show = (value: string): string => (value === '' ? '' : mask(value));
  return { field, oldValue: show(oldValue), newValue: show(newValue) };
}
