import { actorName } from '@bankcrm/access';
import type { ListStaffRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, type FilterTerm, type PageTokens, pageSizeOf, parseFilter } from '@bankcrm/service';
import type { Prisma } from '../../prisma/generated/client.ts';
import { parseOrgUnitName } from '../domain/input.ts';
import { staffStates } from '../domain/staff.ts';
import type { IdentityProvider } from '../store/identity-provider.ts';
import { staffOf, withPosts } from '../store/store.ts';
import { staffToWire } from '../store/wire.ts';
import { asCaller, type ReadDeps } from './deps.ts';

const filterFields = {
  staff_number: { type: 'text', operators: ['='] },
  state: { type: 'text', operators: ['=', '!='], values: staffStates },
  role: { type: 'text', operators: ['='] },
  org_unit: { type: 'text', operators: ['='] },
  locked: { type: 'boolean', operators: ['='] },
} as const;

export interface ListStaffDeps extends ReadDeps {
  pages: PageTokens;
  identityProvider: Pick<IdentityProvider, 'locked'>;
}

/**
 * Staff by staff number; `role` and `org_unit` ask for any of the posts, `locked` asks the identity provider at this moment. Throws UNAVAILABLE where it
 * cannot be asked.
 */
export const listStaff = (deps: ListStaffDeps) => async (request: ListStaffRequest, call: Call) => {
  const size = pageSizeOf(request.pageSize);
  const terms = parseFilter(request.filter, filterFields);
  const query = [call.operation, actorName(call.caller), request.filter];
  const after = deps.pages.read(query, request.pageToken)?.[0];
  const asksForLock = terms.some(({ field }) => field === 'locked');
  const locked = asksForLock ? [...(await deps.identityProvider.locked())] : [];
  const conditions = terms.map((term) => conditionOf(term, locked));
  if (after) conditions.push({ staffNumber: { gt: after } });
  const rows = await asCaller(deps, call, ({ db }) =>
    db.staff.findMany({ where: { AND: conditions }, orderBy: { staffNumber: 'asc' }, take: size + 1, include: withPosts }),
  );
  const page = rows.slice(0, size).map(staffOf);
  const nextPageToken = rows.length > size ? deps.pages.issue(query, [page.at(-1)!.member.staffNumber]) : '';
  return { staff: page.map(staffToWire), nextPageToken };
};

function conditionOf(
  { field, operator, value }: FilterTerm<keyof typeof filterFields>,
  locked: string[],
): Prisma.StaffWhereInput {
  switch (field) {
    case 'staff_number':
      return { staffNumber: value };
    case 'state':
      return { state: operator === '=' ? value : { not: value } };
    case 'role':
      return { posts: { some: { role: value } } };
    case 'locked':
      return { staffNumber: value === 'true' ? { in: locked } : { notIn: locked } };
    case 'org_unit':
      return { posts: { some: { orgUnitId: parseOrgUnitName(value, 'filter') } } };
  }
}
