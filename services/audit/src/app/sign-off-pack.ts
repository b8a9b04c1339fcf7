import { actorName, auditHash } from '@bankcrm/access';
import { command } from '@bankcrm/backend';
import { notFound, refused, requireEtag, staleEtag } from '@bankcrm/kernel';
import { AuditPack, SignOffAuditPackRequest } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { requireReviewable } from '../domain/pack.ts';
import { parsePackName, periodOf } from '../domain/quarter.ts';
import { parseFindings } from '../domain/texts.ts';
import { etagOf, packToWire } from '../store/pack-wire.ts';
import * as store from '../store/packs.ts';
import type { PackDeps } from './deps.ts';

/**
 * Keeps who reviewed a pack and what was found; once per request id. Throws NOT_FOUND, ABORTED `ETAG_MISMATCH` where the pack was made anew since it was read, and REFUSED
 * as `requireReviewable` does.
 */
export const signOffPack =
  (deps: PackDeps) =>
  async (request: SignOffAuditPackRequest, call: Call): Promise<AuditPack> => {
    const reviewer = actorName(callingStaff(call));
    const quarter = parsePackName(request.name);
    requireEtag(request.etag);
    const findings = parseFindings(request.findings);
    const now = deps.clock.now();
    const { reply } = await command(deps, call, {
      request,
      requestType: SignOffAuditPackRequest,
      replyType: AuditPack,
      async work(tx) {
        await store.holdPack(tx, quarter);
        const pack = await store.findPack(tx, quarter);
        if (pack === undefined) throw notFound();
        const counts = await store.packCounts(tx, quarter);
        requireReviewable(pack, periodOf(quarter, deps.timeZone).end, reviewer, counts);
        if (etagOf(pack) !== request.etag) throw staleEtag();
        // What has come since the pack was made would be reviewed by nobody.
        const { entriesHash } = await store.highPrivilegeActs(tx, { start: pack.start, end: pack.end, ends: [] });
        if (!entriesHash.equals(pack.entriesHash)) throw refused('PACK_OUTDATED');
        const signed = await store.signOffPack(tx, quarter, { reviewer, findings, now });
        return {
          reply: packToWire(signed, counts),
          audit: {
            time: now,
            resource: request.name,
            newValueHash: auditHash(deps.auditKeys, Buffer.concat([signed.entriesHash, Buffer.from(findings)])),
          },
        };
      },
    });
    return reply;
  };
