import { appendToOutbox } from '@bankcrm/events';
import { invalid, notFound } from '@bankcrm/kernel';
import type { ListAssignmentsRequest, ListAssignmentsResponse } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments_service.ts';
import { auditEntry, auditEvent, type Call, callingStaff, pageSizeOf, parseFilter } from '@bankcrm/service';
import { parseCustomerName } from '../domain/assignment.ts';
import { Reason } from '../domain/reasons.ts';
import { findSubject, readDecisions } from '../store/assignments.ts';
import { assignmentToWire } from '../store/wire.ts';
import { asCaller, type QuotaDeps } from './deps.ts';

const fields = { customer: { type: 'text', operators: ['='] } } as const;

/**
 * All decisions about one customer, newest first; the view is recorded. Throws INVALID for a filter that names no customer or a page that cannot be read, NOT_FOUND
 * for a customer out of scope.
 */
export const listAssignments =
  (deps: QuotaDeps) =>
  async (request: ListAssignmentsRequest, call: Call): Promise<ListAssignmentsResponse> => {
    const { staffId } = callingStaff(call);
    const limit = pageSizeOf(request.pageSize);
    const [term, ...others] = parseFilter(request.filter, fields);
    if (!term || others.length > 0)
      throw invalid('filter', 'must name one customer: customer = "customers/…"', Reason.invalidFilter);
    const customerId = parseCustomerName(term.value, 'filter');
    const query = [call.operation, staffId, customerId];
    const [before] = deps.pages.read(query, request.pageToken) ?? [];
    const rows = await asCaller(deps, call, async (tx) => {
      if (!(await findSubject(tx, customerId))) throw notFound();
      const facts = { service: deps.service, time: deps.clock.now(), customer: `customers/${customerId}` };
      await appendToOutbox(tx, [auditEvent(auditEntry(call, facts))]);
      return readDecisions(tx, customerId, { before: before ? BigInt(before) : undefined, limit: limit + 1 });
    });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      assignments: shown.map(assignmentToWire),
      nextPageToken: last ? deps.pages.issue(query, [String(last.sequence)]) : '',
    };
  };
