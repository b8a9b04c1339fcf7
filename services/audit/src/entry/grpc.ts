import type { Signer } from '@bankcrm/access';
import { AuditEntriesService, AuditLogsService } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import type { GrpcServer } from '@bankcrm/service';
import type { ReadDeps } from '../app/deps.ts';
import { getEntry } from '../app/get-entry.ts';
import { getLog } from '../app/get-log.ts';
import { listEntries } from '../app/list-entries.ts';

/** Serves the services of bankcrm.audit.v1. */
export function addAudit(server: Pick<GrpcServer, 'add'>, deps: ReadDeps & { signer: Signer }): void {
  server.add(AuditEntriesService, {
    getAuditEntry: getEntry(deps),
    listAuditEntries: listEntries(deps),
    searchAuditEntries: listEntries(deps),
    exportAuditEntries: () => {
      throw new Error('not yet');
    },
  });
  server.add(AuditLogsService, { getAuditLog: getLog(deps) });
}
