import { command } from '@bankcrm/backend';
import { denied } from '@bankcrm/kernel';
import { AuditPack, CreateAuditPackRequest } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { packName, parseQuarter } from '../domain/quarter.ts';
import { packToWire } from '../store/pack-wire.ts';
import type { PackDeps } from './deps.ts';
import { makePack } from './make-pack.ts';
import { readerOf } from './reader.ts';

/**
 * Makes the pack of a quarter that is over, or of the running one up to now; once per request id. Throws DENIED to somebody who may not search all of the log, whose
 * pack would lack what that person does not see; otherwise as {@link makePack} does.
 */
export const createPack =
  (deps: PackDeps) =>
  async (request: CreateAuditPackRequest, call: Call): Promise<AuditPack> => {
    const caller = callingStaff(call);
    const quarter = parseQuarter(request.quarter);
    const { everything } = readerOf(caller, (units) => deps.staff.staffBelow(units));
    if (!everything || !caller.scope.bank) throw denied('PERMISSION_MISSING', { permission: 'audit.entries.search' });
    const now = deps.clock.now();
    const { reply } = await command(deps, call, {
      request,
      requestType: CreateAuditPackRequest,
      replyType: AuditPack,
      async work(tx) {
        const { pack, counts } = await makePack(tx, quarter, { now, timeZone: deps.timeZone });
        return { reply: packToWire(pack, counts), audit: { time: now, resource: packName(quarter), count: pack.entryCount } };
      },
    });
    return reply;
  };
