import { randomUUID } from 'node:crypto';
import { permissionTable, rolesOfPeople } from '@bankcrm/access';

/** A stream of numbers that depends on the seed alone (mulberry32). */
export function randomOf(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  const chance = (share: number): boolean => next() < share;
  const pick = <T>(values: readonly T[]): T => values[int(values.length)]!;
  const some = <T>(values: readonly T[], most: number): T[] => {
    const picked = new Set(Array.from({ length: int(most + 1) }, () => pick(values)));
    return [...picked];
  };
  return { int, chance, pick, some };
}
export type Random = ReturnType<typeof randomOf>;

/** Null: open. */
type Instant = Date | null;
export interface Customer {
  id: string;
  unit: string | null;
  rm: string | null;
  dedicated: string | null;
  restricted: boolean;
  participants: { staff: string; end: Instant }[];
  collaborators: { staff: string; start: Instant; end: Instant }[];
  served: { staff: string; time: Date }[];
  grants: { id: string; staff: string; end: Date }[];
  tickets: { id: string; staff: string | null; queue: string | null; end: Instant }[];
}
export interface Member {
  id: string;
  number: string;
  posts: { role: string; unit: string }[];
  atWork: boolean;
}
export interface Bank {
  /** Each unit's parent; null of the root. */
  units: Map<string, string | null>;
  staff: Member[];
  customers: Customer[];
  queues: Map<string, string[]>;
}

const hour = 3_600_000;
const day = 24 * hour;
const ago = (ms: number): Date => new Date(Date.now() - ms);
const ahead = (ms: number): Date => new Date(Date.now() + ms);
const roles = [...rolesOfPeople(permissionTable)];

/** A bank in which everything that decides about scope occurs. */
export function randomBank(random: Random): Bank {
  const units = new Map<string, string | null>();
  for (let index = 0; index < 4 + random.int(8); index += 1) {
    const parent = index === 0 ? null : random.pick([...units.keys()]);
    units.set(randomUUID(), parent);
  }
  const unitIds = [...units.keys()];
  // Each role is there, some people have two posts, some have left.
  const staff = Array.from({ length: roles.length + 5 }, (_, index): Member => {
    const posts = [{ role: roles[index] ?? random.pick(roles), unit: random.pick(unitIds) }];
    if (random.chance(0.3)) posts.push({ role: random.pick(roles), unit: random.pick(unitIds) });
    return { id: randomUUID(), number: String(100_000 + index), posts, atWork: index < roles.length || random.chance(0.7) };
  });
  const staffIds = staff.map(({ id }) => id);
  const queues = new Map(Array.from({ length: 3 }, () => [randomUUID(), random.some(staffIds, 6)]));
  const customers = Array.from(
    { length: 12 + random.int(20) },
    (): Customer => ({
      ...{ id: randomUUID(), unit: null, rm: null, dedicated: null, restricted: false },
      ...{ participants: [], collaborators: [], served: [], grants: [], tickets: [] },
    }),
  );
  const bank = { units, staff, customers, queues };
  for (const customer of customers) for (const change of changes) if (random.chance(0.6)) change(bank, customer, random);
  return bank;
}

/** What may happen to a customer, one thing at a time. */
const changes: readonly ((bank: Bank, customer: Customer, random: Random) => void)[] = [
  ({ units }, customer, { chance, pick }) => {
    customer.unit = chance(0.1) ? null : pick([...units.keys()]);
  },
  ({ staff }, customer, { chance, pick }) => {
    customer.rm = chance(0.3) ? null : pick(staff).id;
  },
  ({ staff }, customer, { chance, pick }) => {
    customer.dedicated = chance(0.6) ? null : pick(staff).id;
  },
  (_, customer, { chance }) => {
    customer.restricted = chance(0.3);
  },
  ({ staff }, customer, { some, pick }) => {
    customer.participants = some(staff, 3).map(({ id }) => ({ staff: id, end: pick([null, ago(hour), ahead(hour)]) }));
  },
  ({ staff }, customer, { some, pick }) => {
    customer.collaborators = some(staff, 3).map(({ id }) => ({
      staff: id,
      start: pick([null, ago(hour), ahead(hour)]),
      end: pick([null, ago(hour / 2), ahead(2 * hour)]),
    }));
  },
  ({ staff }, customer, { some, pick }) => {
    customer.served = some(staff, 3).map(({ id }) => ({ staff: id, time: pick([ago(hour), ago(89 * day), ago(91 * day)]) }));
  },
  ({ staff }, customer, { some, pick }) => {
    customer.grants = some(staff, 3).map(({ id }) => ({ id: randomUUID(), staff: id, end: pick([ago(hour), ahead(hour)]) }));
  },
  ({ staff, queues }, customer, { some, pick, chance }) => {
    customer.tickets = some(staff, 3).map(({ id }) => ({
      id: randomUUID(),
      ...(chance(0.5) ? { staff: id, queue: null } : { staff: null, queue: pick([...queues.keys()]) }),
      end: pick([null, ago(hour), ahead(hour)]),
    }));
  },
];

/** Changes something somewhere. Gives what was changed. */
export function changeBank(bank: Bank, random: Random): { customer?: Customer; queue?: string; unit?: string } {
  const kind = random.int(10);
  if (kind === 0) {
    const queue = random.pick([...bank.queues.keys()]);
    bank.queues.set(
      queue,
      random.some(
        bank.staff.map(({ id }) => id),
        6,
      ),
    );
    return { queue };
  }
  if (kind === 1) {
    const [root, ...others] = [...bank.units.keys()];
    const unit = random.pick(others);
    // Not below itself.
    const targets = [...bank.units.keys()].filter((id) => !isBelow(bank, id, unit));
    bank.units.set(unit, random.pick(targets.length === 0 ? [root!] : targets));
    return { unit };
  }
  const customer = random.pick(bank.customers);
  random.pick(changes)(bank, customer, random);
  return { customer };
}

function isBelow({ units }: Bank, unit: string | null, root: string): boolean {
  for (let at: string | null | undefined = unit; at; at = units.get(at)) if (at === root) return true;
  return false;
}

/** Who sees a customer in calls that need a permission, written after what the bank's people are told, not after the SQL. */
export function sees(bank: Bank, member: Member, permission: string, customer: Customer): boolean {
  const now = new Date();
  const open = (end: Instant) => end === null || end > now;
  const has = (role: string, wanted: string) =>
    permissionTable.everyone.includes(wanted) || permissionTable.roles[role]!.permissions.includes(wanted);
  const posts = member.posts.filter(({ role }) => has(role, permission));
  if (!member.atWork || posts.length === 0) return false;
  if (customer.restricted) return customer.participants.some(({ staff, end }) => staff === member.id && open(end));
  const opensGrants = permissionTable.byGrant.includes(permission);
  return posts.some(({ role, unit }) => {
    const scopes = permissionTable.roles[role]!.scopes;
    if (scopes.includes('BANK')) return true;
    if (scopes.includes('SUBTREE') && isBelow(bank, customer.unit, unit)) return true;
    if (scopes.includes('PORTFOLIO')) {
      if (customer.rm === member.id || customer.dedicated === member.id) return true;
      const together = customer.collaborators.filter(({ staff }) => staff === member.id);
      if (together.some(({ start, end }) => (start === null || start <= now) && open(end))) return true;
    }
    if (scopes.includes('SERVED') && customer.served.some(({ staff, time }) => staff === member.id && time > ago(90 * day)))
      return true;
    if (scopes.includes('TICKETS')) {
      const live = customer.tickets.filter(({ end }) => open(end));
      if (live.some(({ staff, queue }) => staff === member.id || (queue && bank.queues.get(queue)!.includes(member.id))))
        return true;
    }
    if (!opensGrants || !has(role, 'customer.customers.get')) return false;
    return customer.grants.some(({ staff, end }) => staff === member.id && end > now);
  });
}
