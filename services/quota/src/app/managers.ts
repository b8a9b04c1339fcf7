import type { StaffCaller } from '@bankcrm/access';
import type { StaffId } from '@bankcrm/kernel';
import { type StaffRecord, StaffState } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { QuotaDeps } from './deps.ts';

/** Roles by which somebody looks after customers. */
const managing: ReadonlySet<string> = new Set(['rm', 'senior-rm']);

/** The posts by which a person looks after customers. */
export const managingPosts = ({ posts }: StaffRecord): StaffRecord['posts'] => posts.filter(({ role }) => managing.has(role));

/** Whether customers may be given to a person: at work, with such a post. */
export const isManager = (record: StaffRecord): boolean => record.state === StaffState.ACTIVE && managingPosts(record).length > 0;

/** Relationship managers in the caller's reach: everybody's of the bank, those with a post in the units or below, and the caller. */
export function managersInReach({ staff }: Pick<QuotaDeps, 'staff'>, { staffId, scope }: StaffCaller): StaffRecord[] {
  if (scope.bank) return [...staff.everybody()].filter(isManager);
  const ids = new Set<StaffId>([staffId, ...staff.staffBelow(scope.orgUnitIds)]);
  return [...ids].flatMap((id) => staff.recordOf(id) ?? []).filter(isManager);
}
