import { newId } from '@bankcrm/kernel';
import { AccessGrantChanged } from '@bankcrm/proto/gen/bankcrm/quota/v1/access_grants.ts';
import { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import { QueueMembersChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/queue_members.ts';
import { TicketAccessChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/ticket_access.ts';
import { describe, expect, it } from 'vitest';
import { problemOfAccessGrant, problemOfAssignment, problemOfQueueMembers, problemOfTicketAccess } from './scope-changes.ts';

const time = new Date('2026-06-01T00:00:00Z');
const later = new Date('2026-06-02T00:00:00Z');
const farTime = new Date(Date.UTC(55840, 0));
const many = (count: number) => Array.from({ length: count }, () => newId());
const one: string = newId();
const other: string = newId();

const assigned = (content: Partial<CustomerAssigned>) =>
  problemOfAssignment(CustomerAssigned.fromPartial({ customerId: one, sequence: 1n, effectiveTime: time, ...content }))?.field;
const collaborators = (...staffIds: string[]) => staffIds.map((staffId) => ({ staffId, startTime: time, endTime: later }));

describe('an assignment', () => {
  it('names a customer, a time, and nobody or people', () => {
    expect(assigned({})).toBeUndefined();
    expect(assigned({ rmStaffId: one, dedicatedRmStaffId: other, collaborators: collaborators(...many(20)) })).toBeUndefined();
  });

  it.each([
    ['customer_id', { customerId: '' }],
    ['customer_id', { customerId: `customers/${one}` }],
    ['sequence', { sequence: 0n }],
    ['sequence', { sequence: -1n }],
    ['effective_time', { effectiveTime: undefined }],
    ['effective_time', { effectiveTime: farTime }],
    ['rm_staff_id', { rmStaffId: '100001' }],
    ['dedicated_rm_staff_id', { dedicatedRmStaffId: '100001' }],
    ['collaborators', { collaborators: collaborators(...many(21)) }],
    ['collaborators[1]', { collaborators: collaborators(one, one) }],
    ['collaborators[0].staff_id', { collaborators: collaborators('') }],
    ['collaborators[0].start_time', { collaborators: [{ staffId: one, startTime: farTime, endTime: undefined }] }],
    ['collaborators[0].end_time', { collaborators: [{ staffId: one, startTime: later, endTime: time }] }],
    ['collaborators[0].end_time', { collaborators: [{ staffId: one, startTime: undefined, endTime: farTime }] }],
  ])('is refused for its %s', (field, content) => {
    expect(assigned(content)).toBe(field);
  });
});

const granted = (content: Partial<AccessGrantChanged>) => {
  const sound = { grantId: one, sequence: 1n, staffId: other, customerIds: [one], expireTime: time };
  return problemOfAccessGrant(AccessGrantChanged.fromPartial({ ...sound, ...content }))?.field;
};

describe('an access grant', () => {
  it('opens up to fifty customers until a time, or none any more', () => {
    expect(granted({})).toBeUndefined();
    expect(granted({ customerIds: many(50) })).toBeUndefined();
    expect(granted({ customerIds: [], expireTime: undefined })).toBeUndefined();
  });

  it.each([
    ['grant_id', { grantId: '1' }],
    ['sequence', { sequence: 0n }],
    ['staff_id', { staffId: '' }],
    ['customer_ids', { customerIds: many(51) }],
    ['customer_ids[1]', { customerIds: [one, one] }],
    ['customer_ids[0]', { customerIds: ['C1'] }],
    ['expire_time', { expireTime: undefined }],
    ['expire_time', { expireTime: farTime }],
    ['expire_time', { customerIds: [], expireTime: farTime }],
  ])('is refused for its %s', (field, content) => {
    expect(granted(content)).toBe(field);
  });
});

const ticket = (content: object) => ({ ticketId: one, staffId: other, queueId: '', expireTime: undefined, ...content });
const opened = (content: Partial<TicketAccessChanged>) =>
  problemOfTicketAccess(TicketAccessChanged.fromPartial({ customerId: one, sequence: 1n, ...content }))?.field;

describe('access by tickets', () => {
  it('is that of a person or of a queue, with an end or without, or none at all', () => {
    expect(opened({ access: [] })).toBeUndefined();
    expect(opened({ access: [ticket({}), ticket({ staffId: '', queueId: other, expireTime: time })] })).toBeUndefined();
    expect(opened({ access: many(200).map((ticketId) => ticket({ ticketId })) })).toBeUndefined();
  });

  it.each([
    ['customer_id', { customerId: '' }],
    ['sequence', { sequence: 0n }],
    ['access', { access: many(201).map((ticketId) => ticket({ ticketId })) }],
    ['access[1]', { access: [ticket({}), ticket({ expireTime: time })] }],
    ['access[0].ticket_id', { access: [ticket({ ticketId: '' })] }],
    ['access[0].staff_id', { access: [ticket({ staffId: '' })] }],
    ['access[0].staff_id', { access: [ticket({ queueId: other })] }],
    ['access[0].queue_id', { access: [ticket({ staffId: '', queueId: 'q' })] }],
    ['access[0].expire_time', { access: [ticket({ expireTime: farTime })] }],
  ])('is refused for its %s', (field, content) => {
    expect(opened(content)).toBe(field);
  });
});

const worked = (content: Partial<QueueMembersChanged>) =>
  problemOfQueueMembers(QueueMembersChanged.fromPartial({ queueId: one, sequence: 1n, ...content }))?.field;

describe('the members of a queue', () => {
  it('are up to a thousand people', () => {
    expect(worked({})).toBeUndefined();
    expect(worked({ staffIds: many(1_000) })).toBeUndefined();
  });

  it.each([
    ['queue_id', { queueId: '' }],
    ['sequence', { sequence: 0n }],
    ['staff_ids', { staffIds: many(1_001) }],
    ['staff_ids[0]', { staffIds: [''] }],
    ['staff_ids[1]', { staffIds: [one, one] }],
  ])('are refused for their %s', (field, content) => {
    expect(worked(content)).toBe(field);
  });
});
