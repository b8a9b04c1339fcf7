import { actorName, callerSettings } from '@bankcrm/access';
import { inTransaction } from '@bankcrm/database';
import type { ListAuditPacksRequest, ListAuditPacksResponse } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { type Call, pageSizeOf } from '@bankcrm/service';
import { packToWire } from '../store/pack-wire.ts';
import * as store from '../store/packs.ts';
import { callingStaff, type ReadDeps } from './deps.ts';

/** Packs, newest quarter first, without their counts: a bank's packs of ten years would be too many. */
export const listPacks =
  ({ requests, pages }: Pick<ReadDeps, 'requests' | 'pages'>) =>
  async (request: ListAuditPacksRequest, call: Call): Promise<ListAuditPacksResponse> => {
    const size = pageSizeOf(request.pageSize);
    const query = ['auditPacks', actorName(call.caller)];
    const [before] = pages.read(query, request.pageToken) ?? [];
    const found = await inTransaction(requests, callerSettings(callingStaff(call)), (tx) =>
      store.listPacks(tx, { ...(before && { before }), limit: size + 1 }),
    );
    const page = found.slice(0, size);
    const last = page.at(-1);
    return {
      auditPacks: page.map((pack) => packToWire(pack)),
      nextPageToken: found.length > size && last ? pages.issue(query, [last.quarter]) : '',
    };
  };
