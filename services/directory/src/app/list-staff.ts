import { actorName } from '@bankcrm/access';
import type { ListStaffRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, type FilterTerm, type PageTokens, pageSizeOf, parseFilter } from '@bankcrm/service';
import type { Prisma } from '../../prisma/generated/client.ts';
import { parseOrgUnitName } from '../domain/input.ts';
import { staffStates } from '../domain/staff.ts';
import { staffOf, withPosts } from '../store/store.ts';
import { staffToWire } from '../store/wire.ts';
import { asCaller, type ReadDeps } from './deps.ts';

const filterFields = {
  staff_number: { type: 'text', operators: ['='] },
  state: { type: 'text', operators: ['=', '!='], values: staffStates },
  role: { type: 'text', operators: ['='] },
  org_unit: { type: 'text', operators: ['='] },
} as const;

/** Staff by staff number; `role` and `org_unit` ask for any of the posts. */
export const listStaff = (deps: ReadDeps & { pages: PageTokens }) => async (request: ListStaffRequest, call: Call) => {
  const size = pageSizeOf(request.pageSize);
  const terms = parseFilter(request.filter, filterFields);
  const query = [call.operation, actorName(call.caller), request.filter];
  const after = deps.pages.read(query, request.pageToken)?.[0];
  const conditions = terms.map(conditionOf);
  if (after) conditions.push({ staffNumber: { gt: after } });
  const rows = await asCaller(deps, call, ({ db }) =>
    db.staff.findMany({ where: { AND: conditions }, orderBy: { staffNumber: 'asc' }, take: size + 1, include: withPosts }),
  );
  const page = rows.slice(0, size).map(staffOf);
  const nextPageToken = rows.length > size ? deps.pages.issue(query, [page.at(-1)!.member.staffNumber]) : '';
  return { staff: page.map(staffToWire), nextPageToken };
};

function conditionOf({ field, operator, value }: FilterTerm<keyof typeof filterFields>): Prisma.StaffWhereInput {
  switch (field) {
    case 'staff_number':
      return { staffNumber: value };
    case 'state':
      return { state: operator === '=' ? value : { not: value } };
    case 'role':
      return { posts: { some: { role: value } } };
    case 'org_unit':
      return { posts: { some: { orgUnitId: parseOrgUnitName(value, 'filter') } } };
  }
}
