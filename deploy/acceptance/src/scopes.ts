import { everybody, isOpen, portfolioOf, type Truth } from './ledger.ts';
import { people } from './people.ts';

const seen = everybody.filter((truth) => isOpen(truth) && !truth.customer.restricted);
const at = (branches: RegExp) => seen.filter(({ customer }) => branches.test(customer.homeBranchCode));

/** The customers whom each of these people sees: each role's scope, worked out from the core's own books. */
export const scopes: readonly (readonly [keyof typeof people, readonly Truth[]])[] = [
  ['teller', []],
  ['serviceAgent', []],
  ['rm', portfolioOf(people.rm)],
  ['colleague', portfolioOf(people.colleague)],
  ['seniorRm', portfolioOf(people.seniorRm)],
  ['shanghaiRm', portfolioOf(people.shanghaiRm)],
  ['chaoyangManager', at(/^BJ-CY$/)],
  ['beijingManager', at(/^BJ-/)],
  ['shanghaiManager', at(/^SH-/)],
  ['twoPosts', at(/^BJ-XC$/)],
  ['hqManager', seen],
  ['riskOfficer', seen],
  ['compliance', seen],
  ['steward', seen],
  ['admin', seen],
];
