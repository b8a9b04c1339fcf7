import { newId } from '@bankcrm/kernel';
import { AccessGrantChanged } from '@bankcrm/proto/gen/bankcrm/quota/v1/access_grants.ts';
import { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import { QueueMembersChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/queue_members.ts';
import { TicketAccessChanged } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/ticket_access.ts';
import { expect, it } from 'vitest';
import { subjectOf } from './letter-subject.ts';

/** A message that was received, with a sequence or an end that cannot be applied. */
const received = (area: string, topic: string, type: string, value: Uint8Array) => ({
  topic: `bankcrm.${area}.v1.${topic}`,
  partition: 0,
  offset: 0n,
  time: new Date(),
  key: Buffer.from('k'),
  value: Buffer.from(value),
  headers: { ce_type: Buffer.from(`bankcrm.${area}.v1.${type}`), 'content-type': Buffer.from('application/protobuf') },
});
const [one, other] = [newId<string>(), newId<string>()];
const assignment = (customerId: string) =>
  received(
    'quota',
    'assignments',
    'CustomerAssigned',
    CustomerAssigned.encode(CustomerAssigned.fromPartial({ customerId })).finish(),
  );
const grant = (...customerIds: string[]) =>
  received(
    'quota',
    'access-grants',
    'AccessGrantChanged',
    AccessGrantChanged.encode(AccessGrantChanged.fromPartial({ customerIds })).finish(),
  );
const ticket = (customerId: string) =>
  received(
    'ticketing',
    'ticket-access',
    'TicketAccessChanged',
    TicketAccessChanged.encode(TicketAccessChanged.fromPartial({ customerId })).finish(),
  );
const queue = received(
  'ticketing',
  'queue-members',
  'QueueMembersChanged',
  QueueMembersChanged.encode(QueueMembersChanged.fromPartial({ staffIds: [one] })).finish(),
);

it.each([
  ['an assignment', assignment(one), [one]],
  ['a grant', grant(one, other), [one, other]],
  ['a grant that was taken back', grant(), []],
  ['access by tickets', ticket(one), [one]],
  ['the members of a queue', queue, []],
])('a letter of %s concerns the customers that it names', (_, raw, customerIds) => {
  expect(subjectOf(raw)).toMatchObject({ customerIds, parties: [], accounts: [], restricts: false });
});

it.each([
  ['names nobody', assignment('')],
  ['names what is no customer', grant(one, 'C1')],
  ['cannot be read', { ...ticket(one), value: Buffer.from([0x0a, 0x7f]) }],
  ['is another message', { ...queue, value: Buffer.from('{') }],
  ['says that it is of another type', { ...queue, headers: assignment(one).headers }],
  ['names nobody and holds what a grant does not', { ...grant(), value: Buffer.from([0xfa, 0x01, 0x01, 0x61]) }],
  ['names nobody and does not say that it is a grant', { ...grant(), headers: {} }],
])('a letter that %s may concern anybody', (_, raw) => {
  expect(subjectOf(raw)).toBeUndefined();
});
