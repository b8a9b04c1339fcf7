import { isUuid } from '@bankcrm/kernel';
import type { CustomerPlaced, QueueStaffed } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';
import type { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';

/** Path of the first field at fault, never its value; undefined where there is none. */
export type Fault = string | undefined;

const id = (value: string, field: string): Fault => (isUuid(value) ? undefined : field);
const idOrNone = (value: string, field: string): Fault => (value === '' ? undefined : id(value, field));
const sequence = (value: bigint): Fault => (value > 0n ? undefined : 'sequence');
/** PostgreSQL holds no NUL. */
const text = (value: string, field: string): Fault => (value === '' || value.includes('\0') ? field : undefined);
/** The years 1 to 9999, as google/protobuf/timestamp.proto has them: PostgreSQL holds all of these. */
const [firstMs, lastMs] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];
const time = (value: Date | undefined, field: string): Fault =>
  value === undefined || (value.getTime() >= firstMs && value.getTime() <= lastMs) ? undefined : field;
const presentTime = (value: Date | undefined, field: string): Fault => (value === undefined ? field : time(value, field));

/** The first fault among the elements of a repeated field; a row that its key has twice is one. */
function each<T>(values: readonly T[], field: string, keyOf: (value: T) => string, faultOf: (value: T) => Fault): Fault {
  const keys = new Set<string>();
  for (const [index, value] of values.entries()) {
    const fault = faultOf(value);
    if (fault !== undefined) return `${field}[${index}].${fault}`;
    if (keys.has(keyOf(value))) return `${field}[${index}]`;
    keys.add(keyOf(value));
  }
  return undefined;
}

export function faultOfCustomer(placed: CustomerPlaced): Fault {
  return (
    id(placed.customerId, 'customer_id') ??
    sequence(placed.sequence) ??
    text(placed.kind, 'kind') ??
    text(placed.state, 'state') ??
    idOrNone(placed.mergedInto, 'merged_into') ??
    idOrNone(placed.orgUnitId, 'org_unit_id') ??
    idOrNone(placed.rmStaffId, 'rm_staff_id') ??
    idOrNone(placed.dedicatedRmStaffId, 'dedicated_rm_staff_id') ??
    each(
      placed.collaborators,
      'collaborators',
      ({ staffId }) => staffId,
      ({ staffId, startTime, endTime }) => id(staffId, 'staff_id') ?? time(startTime, 'start_time') ?? time(endTime, 'end_time'),
    ) ??
    each(
      placed.servedBy,
      'served_by',
      ({ staffId }) => staffId,
      ({ staffId, serveTime }) => id(staffId, 'staff_id') ?? presentTime(serveTime, 'serve_time'),
    ) ??
    each(
      placed.grants,
      'grants',
      ({ grantId }) => grantId,
      ({ grantId, staffId, expireTime }) =>
        id(grantId, 'grant_id') ?? id(staffId, 'staff_id') ?? presentTime(expireTime, 'expire_time'),
    ) ??
    each(
      placed.ticketAccess,
      'ticket_access',
      ({ ticketId, staffId, queueId }) => `${ticketId}/${staffId}/${queueId}`,
      ({ ticketId, staffId, queueId, expireTime }) =>
        id(ticketId, 'ticket_id') ??
        (staffId === '' ? id(queueId, 'queue_id') : queueId === '' ? id(staffId, 'staff_id') : 'queue_id') ??
        time(expireTime, 'expire_time'),
    ) ??
    each(
      placed.participants,
      'participants',
      ({ staffId }) => staffId,
      ({ staffId, expireTime }) => id(staffId, 'staff_id') ?? time(expireTime, 'expire_time'),
    )
  );
}

export function faultOfQueue(staffed: QueueStaffed): Fault {
  return (
    id(staffed.queueId, 'queue_id') ??
    sequence(staffed.sequence) ??
    each(
      staffed.staffIds.map((staffId) => ({ staffId })),
      'staff_ids',
      ({ staffId }) => staffId,
      ({ staffId }) => id(staffId, 'staff_id'),
    )
  );
}

export function faultOfOrgUnit(unit: OrgUnitChanged): Fault {
  return id(unit.orgUnitId, 'org_unit_id') ?? idOrNone(unit.parentId, 'parent_id') ?? sequence(unit.sequence);
}
