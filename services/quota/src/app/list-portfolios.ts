import type { ListPortfoliosRequest, ListPortfoliosResponse } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments_service.ts';
import { type Call, callingStaff, pageSizeOf } from '@bankcrm/service';
import { readLoads } from '../store/assignments.ts';
import { asCaller, type QuotaDeps } from './deps.ts';
import { managersInReach, managingPosts } from './managers.ts';

/** Relationship managers in the caller's reach with load, quota and headroom, by staff number. Throws INVALID for a page that cannot be read. */
export const listPortfolios =
  (deps: QuotaDeps) =>
  async (request: ListPortfoliosRequest, call: Call): Promise<ListPortfoliosResponse> => {
    const caller = callingStaff(call);
    const limit = pageSizeOf(request.pageSize);
    const query = [call.operation, caller.staffId];
    const [after = ''] = deps.pages.read(query, request.pageToken) ?? [];
    const managers = managersInReach(deps, caller)
      .filter(({ staffNumber }) => staffNumber > (after ?? ''))
      .sort((a, b) => (a.staffNumber < b.staffNumber ? -1 : 1));
    const shown = managers.slice(0, limit);
    const loads = await asCaller(deps, call, (tx) =>
      readLoads(
        tx,
        shown.map(({ staffId }) => staffId),
      ),
    );
    const last = managers.length > limit ? shown.at(-1) : undefined;
    return {
      portfolios: shown.map((record) => {
        const load = loads.get(record.staffId)!;
        return {
          rm: `staff/${record.staffId}`,
          staffNumber: record.staffNumber,
          orgUnits: managingPosts(record).map(({ orgUnitId }) => `orgUnits/${orgUnitId}`),
          load,
          quota: deps.quota,
          headroom: deps.quota - load,
        };
      }),
      nextPageToken: last ? deps.pages.issue(query, [last.staffNumber]) : '',
    };
  };
