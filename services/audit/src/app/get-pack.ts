import { callerSettings } from '@bankcrm/access';
import { inTransaction } from '@bankcrm/database';
import { notFound } from '@bankcrm/kernel';
import type { AuditPack, GetAuditPackRequest } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { parsePackName } from '../domain/quarter.ts';
import { packToWire } from '../store/pack-wire.ts';
import { findPack, packCounts } from '../store/packs.ts';
import { type ReadDeps, recordView } from './deps.ts';

/** A pack with its counts. Throws NOT_FOUND for one that nobody has made yet. */
export const getPack =
  (deps: Pick<ReadDeps, 'requests' | 'clock'>) =>
  (request: GetAuditPackRequest, call: Call): Promise<AuditPack> => {
    const quarter = parsePackName(request.name);
    return inTransaction(deps.requests, callerSettings(callingStaff(call)), async (tx) => {
      const pack = await findPack(tx, quarter);
      if (pack === undefined) throw notFound();
      await recordView(tx, call, deps, { resource: request.name });
      return packToWire(pack, await packCounts(tx, quarter));
    });
  };
