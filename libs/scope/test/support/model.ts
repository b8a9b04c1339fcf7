import type { Bank, Customer, Role } from './bank.ts';

const ninetyDays = 90 * 24 * 60;

/** What a call asks for: a post of a role that allows it, and whether access grants open it. */
export interface Call {
  allows(role: Role): boolean;
  byGrant: boolean;
}
const readsCustomers = (role: Role): boolean => role !== 'marketer' && role !== 'operator';
const viewing: Call = { allows: readsCustomers, byGrant: true };

/**
 * Who sees whom in a call, said once more in plain loops after the table of roles in the specification of access, for tests to compare with. Times are minutes from
 * now: what ends at zero or before has ended.
 */
export function sees(bank: Bank, me: number, which: number, { allows, byGrant }: Call = viewing): boolean {
  const customer = bank.customers[which]!;
  const posts = bank.people[me]!.posts.filter(({ role }) => allows(role));
  if (posts.length === 0) return false;
  if (customer.restricted) {
    for (const { who, until } of customer.participants) if (who === me && (until === undefined || until > 0)) return true;
    return false;
  }
  if (byGrant && posts.some(({ role }) => readsCustomers(role)))
    for (const { who, until } of customer.grants) if (who === me && until > 0) return true;
  for (const { role, unit } of posts) {
    switch (role) {
      case 'rm':
      case 'senior-rm':
        if (isInPortfolio(customer, me)) return true;
        break;
      case 'teller':
        if (wasServedBy(customer, me)) return true;
        break;
      case 'service-agent':
        if (wasServedBy(customer, me) || hasTicketOf(bank, customer, me)) return true;
        break;
      case 'branch-manager':
        if (isBelow(bank, customer.unit, unit)) return true;
        break;
      case 'marketer':
      case 'operator':
        break;
      default:
        return true;
    }
  }
  return false;
}

/** Whether somebody sees what hangs on a customer: by the customer that it is part of now. */
export function seesWhatHangsOn(bank: Bank, me: number, which: number): boolean {
  const passed = new Set<number>();
  let survivor = which;
  for (;;) {
    // In a circle there is no survivor.
    if (passed.has(survivor)) return false;
    passed.add(survivor);
    const further = bank.customers[survivor]!.mergedInto;
    if (further === undefined) return sees(bank, me, survivor);
    survivor = further;
  }
}

function isInPortfolio({ rm, dedicated, collaborators }: Customer, me: number): boolean {
  if (rm === me || dedicated === me) return true;
  for (const { who, from, until } of collaborators)
    if (who === me && (from === undefined || from <= 0) && (until === undefined || until > 0)) return true;
  return false;
}

function wasServedBy({ served }: Customer, me: number): boolean {
  for (const { who, at } of served) if (who === me && at > -ninetyDays) return true;
  return false;
}

function hasTicketOf({ queues }: Bank, { tickets }: Customer, me: number): boolean {
  for (const { who, until } of tickets) {
    if (until !== undefined && until <= 0) continue;
    if ('person' in who ? who.person === me : queues[who.queue]!.includes(me)) return true;
  }
  return false;
}

function isBelow({ units }: Bank, unit: number | undefined, root: number): boolean {
  for (let at = unit; at !== undefined; at = units[at]?.above) if (at === root) return true;
  return false;
}
