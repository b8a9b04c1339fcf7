import type { StaffCaller } from '@bankcrm/access';
import { command } from '@bankcrm/backend';
import type { Tx } from '@bankcrm/database';
import type { OutboxEvent } from '@bankcrm/events';
import { AppError, invalid, newId, notFound, refused } from '@bankcrm/kernel';
import { eventType } from '@bankcrm/proto/descriptors';
import { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import { Assignment, AssignRequest } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments_service.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { type Decision, notAssignable, parseDecision } from '../domain/assignment.ts';
import { Reason } from '../domain/reasons.ts';
import { findSubject, insertDecision, lockManagers, readLoads, readPresent } from '../store/assignments.ts';
import { assignmentToWire } from '../store/wire.ts';
import type { QuotaDeps } from './deps.ts';
import { managersInReach } from './managers.ts';

const assigned = eventType<CustomerAssigned>('bankcrm.quota.v1.CustomerAssigned');

/**
 * Decides who looks after a customer; once per request id. Throws NOT_FOUND for a customer out of scope, INVALID `UNKNOWN_MANAGER` for somebody who is no
 * relationship manager in the caller's reach, REFUSED `CUSTOMER_RESTRICTED`, `CUSTOMER_CLOSED` and `QUOTA_EXCEEDED`, ABORTED `DECIDED_MEANWHILE`.
 */
export const assign =
  (deps: QuotaDeps) =>
  async (request: AssignRequest, call: Call): Promise<Assignment> => {
    const caller = callingStaff(call);
    const now = deps.clock.now();
    const decision = parseDecision(request, now);
    requireManagers(deps, caller, decision);
    const { customerId, rmStaffId } = decision;
    const { reply } = await command(deps, call, {
      request,
      requestType: AssignRequest,
      replyType: Assignment,
      async allow(tx) {
        const subject = await findSubject(tx, customerId);
        if (!subject) throw notFound();
        return subject;
      },
      async work(tx, subject) {
        const reason = notAssignable(subject);
        if (reason !== undefined) throw refused(reason);
        const present = await readPresent(tx, customerId);
        if (rmStaffId !== null && rmStaffId !== present.rmStaffId) {
          // Who finds no place waits for nobody: a full portfolio is refused to all at once.
          await requirePlace(tx, rmStaffId, deps.quota);
          await lockManagers(tx, [rmStaffId]);
          await requirePlace(tx, rmStaffId, deps.quota);
        }
        const row = {
          ...decision,
          sequence: present.sequence + 1n,
          effectiveTime: now,
          endTime: null,
          decidedBy: caller.staffId,
        };
        const isNext = await insertDecision(tx, decision, { sequence: row.sequence, time: now, decidedBy: caller.staffId });
        if (!isNext) throw new AppError('ABORTED', Reason.decidedMeanwhile);
        const customer = `customers/${customerId}`;
        return {
          reply: assignmentToWire({ ...row, collaborators: [...decision.collaborators] }),
          audit: { time: now, customer, reason: decision.reason },
          events: [eventOf(decision, row)],
        };
      },
    });
    return reply;
  };

async function requirePlace(tx: Tx, staffId: string, quota: number): Promise<void> {
  const load = (await readLoads(tx, [staffId])).get(staffId)!;
  if (load >= quota) throw refused(Reason.quotaExceeded, { load, quota });
}

function requireManagers(deps: QuotaDeps, caller: StaffCaller, { rmStaffId, dedicatedRmStaffId, collaborators }: Decision): void {
  const known = new Set<string>(managersInReach(deps, caller).map(({ staffId }) => staffId));
  const requireKnown = (field: string, id: string | null): void => {
    if (id !== null && !known.has(id))
      throw invalid(field, 'must be a relationship manager in your reach', Reason.unknownManager);
  };
  requireKnown('rm', rmStaffId);
  requireKnown('dedicated_rm', dedicatedRmStaffId);
  for (const [at, { staffId }] of collaborators.entries()) requireKnown(`collaborators[${at}].staff`, staffId);
}

function eventOf(decision: Decision, { sequence, effectiveTime }: { sequence: bigint; effectiveTime: Date }): OutboxEvent {
  const { customerId, rmStaffId, dedicatedRmStaffId, collaborators } = decision;
  const event: CustomerAssigned = {
    customerId,
    sequence,
    effectiveTime,
    rmStaffId: rmStaffId ?? '',
    dedicatedRmStaffId: dedicatedRmStaffId ?? '',
    collaborators: collaborators.map(({ staffId, startTime, endTime }) => ({
      staffId,
      startTime: startTime ?? effectiveTime,
      endTime: endTime ?? undefined,
    })),
  };
  return {
    id: newId(),
    aggregateType: 'assignment',
    aggregateId: customerId,
    ...assigned(event),
    payload: CustomerAssigned.encode(event).finish(),
    subject: `customers/${customerId}`,
    sequence,
    time: effectiveTime,
  };
}
