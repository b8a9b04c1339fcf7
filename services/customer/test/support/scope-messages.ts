import { newId } from '@bankcrm/kernel';
import { AccessGrantChanged } from '@bankcrm/proto/gen/bankcrm/quota/v1/access_grants.ts';
import { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import { QueueMembersChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/queue_members.ts';
import { TicketAccessChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/ticket_access.ts';
import type { BankMessage } from '@bankcrm/simulator';

/** A message as quota and ticketing publish it. */
const message = (area: string, topic: string, type: string, key: string, value: Uint8Array): BankMessage => ({
  topic: `bankcrm.${area}.v1.${topic}`,
  key,
  value: Buffer.from(value),
  headers: {
    ce_specversion: '1.0',
    ce_id: newId(),
    ce_source: `/bankcrm/${area}`,
    ce_type: `bankcrm.${area}.v1.${type}`,
    ce_time: new Date().toISOString(),
    'content-type': 'application/protobuf',
  },
});

const effectiveTime = new Date('2026-06-01T00:00:00Z');

export const assignment = (content: Partial<CustomerAssigned>): BankMessage => {
  const assigned = CustomerAssigned.fromPartial({ sequence: 1n, effectiveTime, ...content });
  return message('quota', 'assignments', 'CustomerAssigned', assigned.customerId, CustomerAssigned.encode(assigned).finish());
};

export const accessGrant = (content: Partial<AccessGrantChanged>): BankMessage => {
  const grant = AccessGrantChanged.fromPartial({ sequence: 1n, ...content });
  return message('quota', 'access-grants', 'AccessGrantChanged', grant.grantId, AccessGrantChanged.encode(grant).finish());
};

export const ticketAccess = (content: Partial<TicketAccessChanged>): BankMessage => {
  const changed = TicketAccessChanged.fromPartial({ sequence: 1n, ...content });
  const value = TicketAccessChanged.encode(changed).finish();
  return message('ticketing', 'ticket-access', 'TicketAccessChanged', changed.customerId, value);
};

export const queueMembers = (content: Partial<QueueMembersChanged>): BankMessage => {
  const queue = QueueMembersChanged.fromPartial({ sequence: 1n, ...content });
  return message('ticketing', 'queue-members', 'QueueMembersChanged', queue.queueId, QueueMembersChanged.encode(queue).finish());
};
