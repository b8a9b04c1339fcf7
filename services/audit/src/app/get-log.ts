import { callerSettings, type Signer } from '@bankcrm/access';
import { inTransaction } from '@bankcrm/database';
import { AuditLog, type GetAuditLogRequest, NumberingFinding_Kind } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { Head } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { readLogState } from '../store/log-state.ts';
import type { ReadDeps } from './deps.ts';

const settledForMs = 90 * 86_400_000;

/** How the log stands: what is anchored, the window that is not, and what is wrong with numbers. */
export const getLog =
  ({ requests, clock, signer }: Pick<ReadDeps, 'requests' | 'clock'> & { signer: Pick<Signer, 'publicKeys'> }) =>
  async (_request: GetAuditLogRequest, call: Call): Promise<AuditLog> => {
    const since = new Date(clock.now().getTime() - settledForMs);
    const { entryCount, anchored, unanchoredSince, findings, services } = await inTransaction(
      requests,
      callerSettings(callingStaff(call)),
      (tx) => readLogState(tx, since),
    );
    return AuditLog.fromPartial({
      entryCount,
      ...(anchored && {
        anchoredHead: anchored.number,
        anchoredSignTime: anchored.signTime,
        anchoredRoot: Head.decode(anchored.head).root,
      }),
      unanchoredEntries: entryCount - (anchored?.entryCount ?? 0n),
      ...(unanchoredSince && { unanchoredSince }),
      publicKeys: [...signer.publicKeys].map(([version, key]) => ({
        version,
        pem: String(key.export({ type: 'spki', format: 'pem' })),
      })),
      findings: findings.map(({ kind, settleTime, ...finding }) => ({
        ...finding,
        kind: NumberingFinding_Kind[kind],
        ...(settleTime && { settleTime }),
      })),
      services,
    });
  };
