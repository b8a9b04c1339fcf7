import type { Signer } from '@bankcrm/access';
import { AuditEntriesService, AuditLogsService, AuditPacksService } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import type { GrpcServer } from '@bankcrm/service';
import { createPack } from '../app/create-pack.ts';
import type { PackDeps, ReadDeps } from '../app/deps.ts';
import { exportEntries } from '../app/export-entries.ts';
import { getEntry } from '../app/get-entry.ts';
import { getLog } from '../app/get-log.ts';
import { getPack } from '../app/get-pack.ts';
import { listEntries } from '../app/list-entries.ts';
import { listPacks } from '../app/list-packs.ts';
import { signOffPack } from '../app/sign-off-pack.ts';

/** Serves the services of bankcrm.audit.v1. */
export function addAudit(server: Pick<GrpcServer, 'add'>, deps: ReadDeps & PackDeps & { signer: Signer }): void {
  server.add(AuditEntriesService, {
    getAuditEntry: getEntry(deps),
    listAuditEntries: listEntries(deps),
    searchAuditEntries: listEntries(deps),
    exportAuditEntries: exportEntries(deps),
  });
  server.add(AuditLogsService, { getAuditLog: getLog(deps) });
  server.add(AuditPacksService, {
    createAuditPack: createPack(deps),
    getAuditPack: getPack(deps),
    listAuditPacks: listPacks(deps),
    signOffAuditPack: signOffPack(deps),
  });
}
