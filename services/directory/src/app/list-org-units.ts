import { actorName } from '@bankcrm/access';
import type { ListOrgUnitsRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, type PageTokens, pageSizeOf } from '@bankcrm/service';
import { orgUnitOf } from '../store/store.ts';
import { orgUnitToWire } from '../store/wire.ts';
import { asCaller, type ReadDeps } from './deps.ts';

/** The whole tree, flat, ordered by code. */
export const listOrgUnits = (deps: ReadDeps & { pages: PageTokens }) => async (request: ListOrgUnitsRequest, call: Call) => {
  const size = pageSizeOf(request.pageSize);
  const query = [call.operation, actorName(call.caller)];
  const after = deps.pages.read(query, request.pageToken)?.[0];
  const rows = await asCaller(deps, call, ({ db }) =>
    db.orgUnit.findMany({ where: after ? { code: { gt: after } } : {}, orderBy: { code: 'asc' }, take: size + 1 }),
  );
  const page = rows.slice(0, size).map(orgUnitOf);
  const nextPageToken = rows.length > size ? deps.pages.issue(query, [page.at(-1)!.code]) : '';
  return { orgUnits: page.map(orgUnitToWire), nextPageToken };
};
