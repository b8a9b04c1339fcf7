import { actorName } from '@bankcrm/access';
import type { ListAbsencesRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, callingStaff, type PageTokens, pageSizeOf } from '@bankcrm/service';
import { requireWithin } from '../domain/absence.ts';
import { parseStaffName } from '../domain/input.ts';
import { absenceOf, loadStaff } from '../store/store.ts';
import { absenceToWire } from '../store/wire.ts';
import { reachOf } from './absence-reach.ts';
import { asCaller, type ReadDeps } from './deps.ts';

/** The absences of a person, the latest start first. Throws NOT_FOUND, DENIED `PERMISSION_MISSING`. */
export const listAbsences = (deps: ReadDeps & { pages: PageTokens }) => async (request: ListAbsencesRequest, call: Call) => {
  const caller = callingStaff(call);
  const staffId = parseStaffName(request.parent, 'parent');
  const size = pageSizeOf(request.pageSize);
  const query = [call.operation, actorName(call.caller), request.parent];
  const before = deps.pages.read(query, request.pageToken);
  const rows = await asCaller(deps, call, async (tx) => {
    const reach = await reachOf(tx, caller, staffId);
    const { member } = await loadStaff(tx, staffId);
    requireWithin(reach, member);
    const [startTime, absenceId] = [new Date(before?.[0] ?? ''), before?.[1] ?? ''];
    return tx.db.absence.findMany({
      where: { staffId, ...(before && { OR: [{ startTime: { lt: startTime } }, { startTime, absenceId: { lt: absenceId } }] }) },
      orderBy: [{ startTime: 'desc' }, { absenceId: 'desc' }],
      take: size + 1,
    });
  });
  const page = rows.slice(0, size).map(absenceOf);
  const last = page.at(-1);
  const nextPageToken = last && rows.length > size ? deps.pages.issue(query, [last.startTime.toISOString(), last.absenceId]) : '';
  return { absences: page.map(absenceToWire), nextPageToken };
};
