import type { StaffCaller } from '@bankcrm/access';
import { parseFilter } from '@bankcrm/service';
import { type BirthdayRange, birthdaysBetween } from '../../domain/birthdays.ts';
import { type CustomerCriteria, criteriaFields, customerCriteria, requireShown } from '../../domain/customer-criteria.ts';
import { type CustomerDeps, financialsPermission } from '../deps.ts';

/** Reads a list's filter for a caller. Throws INVALID for what cannot be read, DENIED for fields the caller does not see. */
export function readCriteria(
  filter: string,
  caller: StaffCaller,
  { staff }: Pick<CustomerDeps, 'staff'>,
  today: string,
): CustomerCriteria & { birthdays?: readonly BirthdayRange[] } {
  const terms = parseFilter(filter, criteriaFields);
  requireShown(
    terms.map(({ field }) => field),
    caller.permissions.has(financialsPermission),
  );
  const criteria = customerCriteria(terms, { me: caller.staffId, staffIdOf: (number) => staff.staffIdOf(number) });
  const { nextBirthday: range } = criteria;
  return range ? { ...criteria, birthdays: birthdaysBetween(range.least, range.most, today) } : criteria;
}
