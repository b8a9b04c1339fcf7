import { actorName, callerSettings } from '@bankcrm/access';
import { inTransaction } from '@bankcrm/database';
import type { ListAuditPacksRequest, ListAuditPacksResponse } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { type Call, callingStaff, pageSizeOf } from '@bankcrm/service';
import { packToWire } from '../store/pack-wire.ts';
import * as store from '../store/packs.ts';
import { type ReadDeps, recordView } from './deps.ts';

/** Packs, newest quarter first, without their counts: a bank's packs of ten years would be too many. */
export const listPacks =
  (deps: Pick<ReadDeps, 'requests' | 'pages' | 'clock'>) =>
  async (request: ListAuditPacksRequest, call: Call): Promise<ListAuditPacksResponse> => {
    const size = pageSizeOf(request.pageSize);
    const query = ['auditPacks', actorName(call.caller)];
    const [before] = deps.pages.read(query, request.pageToken) ?? [];
    const { found, page } = await inTransaction(deps.requests, callerSettings(callingStaff(call)), async (tx) => {
      const packs = await store.listPacks(tx, { ...(before && { before }), limit: size + 1 });
      const shown = packs.slice(0, size);
      await recordView(tx, call, deps, { count: BigInt(shown.length) });
      return { found: packs, page: shown };
    });
    const last = page.at(-1);
    return {
      auditPacks: page.map((pack) => packToWire(pack)),
      nextPageToken: found.length > size && last ? deps.pages.issue(query, [last.quarter]) : '',
    };
  };
