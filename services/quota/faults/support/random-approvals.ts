import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import fc from 'fast-check';
import type { Approver, Facts, Proposal, Step } from '../../src/domain/approvals/approval.ts';

export const people = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'] as StaffId[];
const roles = ['head', 'compliance', 'risk'];
/** Minutes from the beginning of a history to its deadline, or from a resubmission. */
export const term = 120;

/** A directory at one moment: who has which role, who is whose superior and deputy, who may decide. Never changed in place. */
export interface Directory {
  roles: Readonly<Record<string, readonly StaffId[]>>;
  superiors: Readonly<Record<string, StaffId>>;
  deputies: Readonly<Record<string, readonly StaffId[]>>;
  barred: readonly StaffId[];
}

export function entitledBy(directory: Directory, approver: Approver): readonly StaffId[] {
  if (approver.kind === 'person') return [approver.staffId];
  if (approver.kind === 'role') return directory.roles[approver.role] ?? [];
  const superior = directory.superiors[approver.staffId];
  return superior === undefined ? [] : [superior];
}

export const factsOf = (directory: Directory, now: number): Facts => ({
  now,
  entitled: (approver) => new Set(entitledBy(directory, approver)),
  deputiesOf: (staffId) => new Set(directory.deputies[staffId] ?? []),
  mayDecide: (staffId) => !directory.barred.includes(staffId),
});

/** Even, here and below: fast-check prefers edges, and most histories would be of the same two people. */
const person = fc.noBias(fc.constantFrom(...people));
const approver: fc.Arbitrary<Approver> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(...roles).map((role) => ({ kind: 'role' as const, role, orgUnitId: 'u0' as OrgUnitId })),
  },
  { weight: 2, arbitrary: person.map((staffId) => ({ kind: 'person' as const, staffId })) },
  { weight: 1, arbitrary: person.map((staffId) => ({ kind: 'superior' as const, staffId })) },
);
const step: fc.Arbitrary<Step> = fc.record(
  {
    mode: fc.constantFrom('ANY', 'ALL', 'SEQUENTIAL'),
    approvers: fc.array(approver, { minLength: 1, maxLength: 3 }),
  },
  { noNullPrototype: true },
);
const proposal: fc.Arbitrary<Omit<Proposal, 'deadline'>> = fc.record({
  digest: fc.constantFrom('a', 'b', 'c'),
  summary: fc.constant({}),
  concerned: fc.uniqueArray(person, { maxLength: 2 }),
  path: fc.array(step, { minLength: 1, maxLength: 3 }),
});

const some = fc.noBias(fc.uniqueArray(person, { maxLength: 6 }));
const directory: fc.Arbitrary<Directory> = fc.record({
  roles: fc.record(Object.fromEntries(roles.map((role) => [role, some]))),
  superiors: fc.dictionary(person, person, { maxKeys: 6, noNullPrototype: true }) as fc.Arbitrary<Record<string, StaffId>>,
  deputies: fc.dictionary(person, fc.uniqueArray(person, { minLength: 1, maxLength: 3 }), { maxKeys: 3, noNullPrototype: true }),
  barred: fc.uniqueArray(person, { maxLength: 1 }),
});

/** Who acts: mostly somebody who may well be let, by place; often the maker, who tries everything; else anybody. */
const actor = fc.record({
  from: fc.oneof(
    { weight: 8, arbitrary: fc.constant('able' as const) },
    { weight: 2, arbitrary: fc.constant('maker' as const) },
    { weight: 3, arbitrary: fc.constant('anybody' as const) },
  ),
  place: fc.noBias(fc.nat({ max: 839 })),
});
const weighted = <Name extends string>(weights: Record<Name, number>) =>
  fc.noBias(
    fc.oneof(
      ...(Object.entries(weights) as [Name, number][]).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name) })),
    ),
  );

const moves = fc.record({
  what: weighted({
    approve: 60,
    transfer: 12,
    return: 8,
    reject: 1,
    resubmit: 16,
    withdraw: 1,
    comment: 4,
    void: 1,
    expire: 5,
    applied: 5,
    failed: 3,
    directory: 25,
    raise: 20,
  }),
  actor,
  to: person,
  line: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat({ max: 2 }) }),
  /** How many versions behind the actor is. */
  behind: weighted({ '0': 12, '1': 1, '2': 1 }).map(Number),
  anew: fc.nat({ max: 2 }),
  change: fc.record({
    of: fc.constantFrom('role', 'superior', 'deputy', 'barred'),
    role: fc.constantFrom(...roles),
    who: person,
    other: person,
  }),
  minutes: weighted({ '0': 8, '1': 8, '5': 8, '60': 1 }).map(Number),
});
export type Move = typeof moves extends fc.Arbitrary<infer Value> ? Value : never;

/** Another directory, in which one thing has turned: somebody won or lost a role, an absence began or ended, and so on. */
export function turned(directory: Directory, { of, role, who, other }: Move['change']): Directory {
  const toggled = (list: readonly StaffId[] = []) => (list.includes(who) ? list.filter((one) => one !== who) : [...list, who]);
  if (of === 'role') return { ...directory, roles: { ...directory.roles, [role]: toggled(directory.roles[role]) } };
  if (of === 'superior') return { ...directory, superiors: { ...directory.superiors, [other]: who } };
  if (of === 'deputy') return { ...directory, deputies: { ...directory.deputies, [other]: toggled(directory.deputies[other]) } };
  return { ...directory, barred: directory.barred.includes(who) ? [] : [who] };
}

/** What a history needs: a directory to begin with, what is proposed in the first and in later rounds, and moves. */
export const plans = fc.record({
  directory,
  maker: person,
  proposals: fc.tuple(proposal, proposal, proposal),
  moves: fc.array(moves, { minLength: 20, maxLength: 40 }),
});
export type Plan = typeof plans extends fc.Arbitrary<infer Value> ? Value : never;
