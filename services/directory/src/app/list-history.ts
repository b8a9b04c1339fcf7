import { actorName } from '@bankcrm/access';
import type { ListHistoryRequest, ListHistoryResponse } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, type PageTokens, pageSizeOf } from '@bankcrm/service';
import { changesBetween, type Facts } from '../domain/history.ts';
import { parseCalendarName, parseOrgUnitName, parseStaffName } from '../domain/input.ts';
import type { DirectoryTx } from '../store/database.ts';
import { loadCalendar, loadOrgUnit, loadStaff } from '../store/store.ts';
import { asCaller, type ReadDeps } from './deps.ts';

type ListHistory = (
  deps: ReadDeps & { pages: PageTokens },
) => (request: ListHistoryRequest, call: Call) => Promise<ListHistoryResponse>;

/** Who changed a person and what they were before, newest first. Throws NOT_FOUND. */
export const listStaffHistory: ListHistory = (deps) => (request, call) => {
  const id = parseStaffName(request.parent, 'parent');
  return list(deps, request, call, (tx) => loadStaff(tx, id));
};

/** Who changed a unit and what it was before, newest first. Throws NOT_FOUND. */
export const listOrgUnitHistory: ListHistory = (deps) => (request, call) => {
  const id = parseOrgUnitName(request.parent, 'parent');
  return list(deps, request, call, (tx) => loadOrgUnit(tx, id));
};

/** Who imported a year of a calendar and what it was before, newest first. Throws NOT_FOUND. */
export const listCalendarHistory: ListHistory = (deps) => (request, call) => {
  const id = parseCalendarName(request.parent, 'parent');
  return list(deps, request, call, (tx) => loadCalendar(tx, id));
};

async function list(
  deps: Parameters<ListHistory>[0],
  { parent, pageSize, pageToken }: ListHistoryRequest,
  call: Call,
  mustExist: (tx: DirectoryTx) => Promise<unknown>,
): Promise<ListHistoryResponse> {
  const size = pageSizeOf(pageSize);
  const query = [call.operation, actorName(call.caller), parent];
  const before = deps.pages.read(query, pageToken)?.[0];
  const rows = await asCaller(deps, call, async (tx) => {
    await mustExist(tx);
    return tx.db.change.findMany({
      where: { resource: parent, ...(before ? { position: { lt: BigInt(before) } } : {}) },
      orderBy: { position: 'desc' },
      take: size + 1,
    });
  });
  const page = rows.slice(0, size);
  return {
    entries: page.map(({ eventTime, actor, operation, reason, oldValue, newValue }) => ({
      eventTime,
      actor,
      operation,
      reason,
      changes: changesBetween(factsOf(oldValue), factsOf(newValue)),
    })),
    nextPageToken: rows.length > size ? deps.pages.issue(query, [String(page.at(-1)!.position)]) : '',
  };
}

const factsOf = (text: string | null): Facts => (text === null ? {} : (JSON.parse(text) as Facts));
