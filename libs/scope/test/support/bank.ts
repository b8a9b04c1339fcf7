import { deriveId } from '@bankcrm/kernel';
import { CustomerPlaced, QueueStaffed } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';
import { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import fc from 'fast-check';

/** A bank in which everything is a number: a unit, a person, a queue, a customer is its place in the list. Times are minutes from now. */
export interface Bank {
  /** The unit above by each unit; none for a root. A unit stands behind the one above it, so that there is no circle. */
  units: { above: number | undefined; before: number | undefined }[];
  people: { posts: { role: Role; unit: number }[] }[];
  queues: number[][];
  customers: Customer[];
}

export interface Customer {
  unit: number | undefined;
  rm: number | undefined;
  dedicated: number | undefined;
  restricted: boolean;
  participants: { who: number; until: number | undefined }[];
  collaborators: { who: number; from: number | undefined; until: number | undefined }[];
  served: { who: number; at: number }[];
  grants: { who: number; until: number }[];
  tickets: { who: { person: number } | { queue: number }; until: number | undefined }[];
  /** The customer that it is part of now. */
  mergedInto: number | undefined;
}

/** A customer whom only those see who see all of the bank's. */
export const nobodys: Customer = {
  ...{ unit: undefined, rm: undefined, dedicated: undefined, restricted: false, mergedInto: undefined },
  ...{ participants: [], collaborators: [], served: [], grants: [], tickets: [] },
};

export const roles = [
  'teller',
  'rm',
  'senior-rm',
  'service-agent',
  'marketer',
  'branch-manager',
  'hq-manager',
  'risk-officer',
  'compliance',
  'data-steward',
  'admin',
  'operator',
] as const;
export type Role = (typeof roles)[number];
/** All of them, and more often those in which it matters what is told of a customer. */
const telling = ['service-agent', 'service-agent', 'teller', 'rm', 'branch-manager'] as const;
const anyRole = fc.constantFrom<Role[]>(...roles, ...telling, ...telling);

const day = 24 * 60;
/** Never so near to now that a test's own time decides. */
const ends = fc.option(fc.constantFrom(-40 * day, -60, 60, 29 * day), { nil: undefined });
const moments = fc.constantFrom(-100 * day, -90 * day - 60, -90 * day + 60, -day);

/** A customer of a bank of this size. */
export const customerOf = (units: number, people: number, queues: number, customers: number): fc.Arbitrary<Customer> => {
  const who = fc.nat(people - 1);
  const distinct = { maxLength: 3, selector: (row: { who: number }) => row.who };
  const target =
    queues === 0 ? fc.record({ person: who }) : fc.oneof(fc.record({ person: who }), fc.record({ queue: fc.nat(queues - 1) }));
  return fc.record({
    unit: fc.option(fc.nat(units), { nil: undefined }),
    rm: fc.option(who, { nil: undefined }),
    dedicated: fc.option(who, { nil: undefined }),
    restricted: fc.integer({ min: 0, max: 3 }).map((dice) => dice === 0),
    participants: fc.uniqueArray(fc.record({ who, until: ends }), distinct),
    collaborators: fc.uniqueArray(fc.record({ who, from: ends, until: ends }), distinct),
    served: fc.uniqueArray(fc.record({ who, at: moments }), distinct),
    grants: fc.array(fc.record({ who, until: fc.constantFrom(-60, 60, 29 * day) }), { maxLength: 2 }),
    tickets: fc.array(fc.record({ who: target, until: ends }), { maxLength: 2 }),
    // One time in six, and a circle among them: nobody promises that there is none.
    mergedInto: fc.integer({ min: 0, max: customers * 6 }).map((dice) => (dice < customers ? dice : undefined)),
  });
};

/** Units, people with no, one or two posts (who has none has left), queues and customers. */
export const banks: fc.Arbitrary<Bank> = fc
  .record({
    units: fc.integer({ min: 1, max: 6 }),
    people: fc.integer({ min: 1, max: 8 }),
    queues: fc.nat(3),
    customers: fc.integer({ min: 1, max: 10 }),
  })
  .chain((size) =>
    fc.record({
      units: fc.tuple(
        ...Array.from({ length: size.units }, (_, at) => {
          const above = at === 0 ? fc.constant(undefined) : fc.option(fc.nat(at - 1), { nil: undefined, freq: 8 });
          return fc.record({ above, before: above });
        }),
      ),
      people: fc.array(
        fc.record({
          posts: fc.array(fc.record({ role: anyRole, unit: fc.nat(size.units - 1) }), { maxLength: 2 }),
        }),
        { minLength: size.people, maxLength: size.people },
      ),
      queues: fc.array(fc.uniqueArray(fc.nat(size.people - 1), { maxLength: 3 }), {
        minLength: size.queues,
        maxLength: size.queues,
      }),
      customers: fc.array(customerOf(size.units, size.people, size.queues, size.customers), {
        minLength: size.customers,
        maxLength: size.customers,
      }),
    }),
  );

export const unitId = (unit: number): string => deriveId('unit', String(unit));
export const personId = (person: number): string => deriveId('person', String(person));
export const queueId = (queue: number): string => deriveId('queue', String(queue));
export const customerId = (customer: number): string => deriveId('customer', String(customer));

/** A message as it stands on its topic. */
export interface Sent {
  topic: string;
  type: string;
  key: string;
  value: Buffer;
}

/** A unit as the directory tells of it. */
export const unitOf = (unit: number, above: number | undefined, sequence: bigint): OrgUnitChanged =>
  OrgUnitChanged.fromPartial({
    orgUnitId: unitId(unit),
    code: `U${unit}`,
    displayName: `Unit ${unit}`,
    parentId: above === undefined ? '' : unitId(above),
    sequence,
  });

const placements = 'bankcrm.customer.v1.placements';
const orgUnits = 'bankcrm.directory.v1.org-units';

/**
 * What a bank's publishers have sent: of each thing an older state, and the newest. A unit of before stands elsewhere, a customer of before was another one, a queue had
 * nobody.
 */
export function sentBy(bank: Bank, now: Date): Sent[] {
  const at = (minutes: number | undefined): Date | undefined =>
    minutes === undefined ? undefined : new Date(now.getTime() + minutes * 60_000);
  const unit = (which: number, above: number | undefined, sequence: bigint): Sent => ({
    topic: orgUnits,
    type: 'bankcrm.directory.v1.OrgUnitChanged',
    key: unitId(which),
    value: Buffer.from(OrgUnitChanged.encode(unitOf(which, above, sequence)).finish()),
  });
  const queue = (which: number, members: readonly number[], sequence: bigint): Sent => ({
    topic: placements,
    type: 'bankcrm.customer.v1.QueueStaffed',
    key: queueId(which),
    value: Buffer.from(QueueStaffed.encode({ queueId: queueId(which), sequence, staffIds: members.map(personId) }).finish()),
  });
  const customer = (which: number, state: Customer, sequence: bigint): Sent => ({
    topic: placements,
    type: 'bankcrm.customer.v1.CustomerPlaced',
    key: customerId(which),
    value: Buffer.from(
      CustomerPlaced.encode(
        CustomerPlaced.fromPartial({
          customerId: customerId(which),
          sequence,
          kind: 'INDIVIDUAL',
          state: 'ACTIVE',
          mergedInto: state.mergedInto === undefined ? '' : customerId(state.mergedInto),
          orgUnitId: state.unit === undefined ? '' : unitId(state.unit),
          rmStaffId: state.rm === undefined ? '' : personId(state.rm),
          dedicatedRmStaffId: state.dedicated === undefined ? '' : personId(state.dedicated),
          restricted: state.restricted,
          participants: state.participants.map(({ who, until }) => ({ staffId: personId(who), expireTime: at(until) })),
          collaborators: state.collaborators.map(({ who, from, until }) => ({
            staffId: personId(who),
            startTime: at(from),
            endTime: at(until),
          })),
          servedBy: state.served.map(({ who, at: minutes }) => ({ staffId: personId(who), serveTime: at(minutes) })),
          grants: state.grants.map(({ who, until }, index) => ({
            grantId: deriveId('grant', String(which), String(index)),
            staffId: personId(who),
            expireTime: at(until),
          })),
          ticketAccess: state.tickets.map(({ who, until }, index) => ({
            ticketId: deriveId('ticket', String(which), String(index)),
            staffId: 'person' in who ? personId(who.person) : '',
            queueId: 'queue' in who ? queueId(who.queue) : '',
            expireTime: at(until),
          })),
        }),
      ).finish(),
    ),
  });
  const others = bank.customers;
  return [
    ...bank.units.flatMap(({ above, before }, which) => [unit(which, before, 1n), unit(which, above, 2n)]),
    ...bank.queues.flatMap((members, which) => [queue(which, [], 1n), queue(which, members, 2n)]),
    ...others.flatMap((state, which) => [
      customer(which, others[(which + 1) % others.length]!, 2n ** 32n),
      customer(which, state, 2n ** 40n + BigInt(which) + 1n),
    ]),
  ];
}
