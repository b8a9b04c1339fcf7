import { type Check, checkTime, invalidField, isSoundTime } from '@bankcrm/contract/domain';
import { isUuid } from '@bankcrm/kernel';
import type { AccessGrantChanged } from '@bankcrm/proto/gen/bankcrm/quota/v1/access_grants.ts';
import type { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import type { QueueMembersChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/queue_members.ts';
import type { TicketAccessChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/ticket_access.ts';

/** What other services say of who sees a customer. Limits are those of the contracts; a state that names one thing twice is none. */
const most = { collaborators: 20, customersOfGrant: 50, accessOfCustomer: 200, membersOfQueue: 1_000 };

/** Why an assignment cannot be applied; undefined when it can. */
export function problemOfAssignment(assigned: CustomerAssigned): Check {
  return (
    checkUuid(assigned.customerId, 'customer_id') ??
    checkSequence(assigned.sequence) ??
    checkInstant(assigned.effectiveTime, 'effective_time') ??
    checkUuidOrNone(assigned.rmStaffId, 'rm_staff_id') ??
    checkUuidOrNone(assigned.dedicatedRmStaffId, 'dedicated_rm_staff_id') ??
    checkSet(
      assigned.collaborators,
      'collaborators',
      most.collaborators,
      ({ staffId }) => staffId,
      ({ staffId, startTime, endTime }, path) =>
        checkUuid(staffId, `${path}.staff_id`) ??
        checkTime(startTime, `${path}.start_time`) ??
        checkTime(endTime, `${path}.end_time`) ??
        (startTime && endTime && endTime <= startTime ? invalidField(`${path}.end_time`) : undefined),
    )
  );
}

/** Why an access grant cannot be applied; undefined when it can. One that is revoked names nobody and needs no end. */
export function problemOfAccessGrant(grant: AccessGrantChanged): Check {
  return (
    checkUuid(grant.grantId, 'grant_id') ??
    checkSequence(grant.sequence) ??
    checkUuid(grant.staffId, 'staff_id') ??
    checkSet(grant.customerIds, 'customer_ids', most.customersOfGrant, (id) => id, checkUuid) ??
    (grant.customerIds.length > 0 ? checkInstant(grant.expireTime, 'expire_time') : checkTime(grant.expireTime, 'expire_time'))
  );
}

/** Why the access by tickets cannot be applied; undefined when it can. */
export function problemOfTicketAccess(changed: TicketAccessChanged): Check {
  return (
    checkUuid(changed.customerId, 'customer_id') ??
    checkSequence(changed.sequence) ??
    checkSet(
      changed.access,
      'access',
      most.accessOfCustomer,
      ({ ticketId, staffId, queueId }) => `${ticketId}/${staffId}/${queueId}`,
      ({ ticketId, staffId, queueId, expireTime }, path) =>
        checkUuid(ticketId, `${path}.ticket_id`) ??
        checkUuidOrNone(staffId, `${path}.staff_id`) ??
        checkUuidOrNone(queueId, `${path}.queue_id`) ??
        ((staffId === '') === (queueId === '') ? invalidField(`${path}.staff_id`) : undefined) ??
        checkTime(expireTime, `${path}.expire_time`),
    )
  );
}

/** Why the members of a queue cannot be applied; undefined when they can. */
export function problemOfQueueMembers(queue: QueueMembersChanged): Check {
  return (
    checkUuid(queue.queueId, 'queue_id') ??
    checkSequence(queue.sequence) ??
    checkSet(queue.staffIds, 'staff_ids', most.membersOfQueue, (id) => id, checkUuid)
  );
}

const checkUuid = (value: string, field: string): Check => (isUuid(value) ? undefined : invalidField(field));
const checkUuidOrNone = (value: string, field: string): Check => (value === '' ? undefined : checkUuid(value, field));
const checkSequence = (sequence: bigint): Check => (sequence > 0n ? undefined : invalidField('sequence'));
const checkInstant = (value: Date | undefined, field: string): Check =>
  value !== undefined && isSoundTime(value) ? undefined : invalidField(field);

/** Elements that differ in their keys, at most so many. */
function checkSet<T>(
  values: readonly T[],
  field: string,
  mostValues: number,
  keyOf: (value: T) => string,
  check: (value: T, path: string) => Check,
): Check {
  if (values.length > mostValues) return invalidField(field);
  const keys = new Set<string>();
  for (const [index, value] of values.entries()) {
    const path = `${field}[${index}]`;
    const problem = check(value, path) ?? (keys.has(keyOf(value)) ? invalidField(path) : undefined);
    if (problem !== undefined) return problem;
    keys.add(keyOf(value));
  }
  return undefined;
}
