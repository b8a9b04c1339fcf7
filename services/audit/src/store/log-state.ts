import type { Tx } from '@bankcrm/database';
import { type AnchoredHead, newestAnchoredHead } from './anchored.ts';
import type { FindingKind } from './numbers.ts';

/** How the log stands. */
export interface LogState {
  entryCount: bigint;
  /** The newest head in both anchors; undefined before the first. */
  anchored: AnchoredHead | undefined;
  /** When the oldest entry came that no anchored head covers. */
  unanchoredSince: Date | undefined;
  findings: {
    kind: FindingKind;
    service: string;
    firstNumber: bigint;
    lastNumber: bigint;
    findTime: Date;
    settleTime: Date | undefined;
  }[];
  services: { service: string; highestNumber: bigint; entryCount: bigint }[];
}

const maxFindings = 200;

export async function readLogState(tx: Tx, settledSince: Date): Promise<LogState> {
  const anchored = await newestAnchoredHead(tx);
  const { rows: services } = await tx.query<{ service: string; highest: bigint; entry_count: bigint }>(
    `SELECT service, coalesce(upper(numbers) - 1, 0) AS highest, entry_count FROM audit.numbering ORDER BY service`,
  );
  const { rows: totals } = await tx.query<{ entries: bigint; since: Date | null }>(
    `SELECT
       (SELECT coalesce(sum(next_position), 0)::int8 FROM audit.shard) AS entries,
       (SELECT min(receive_time) FROM audit.batch WHERE head_number IS NULL OR head_number > $1) AS since`,
    [anchored?.number ?? 0n],
  );
  const { rows: findings } = await tx.query<{
    kind: FindingKind;
    service: string;
    first_number: bigint;
    last_number: bigint;
    find_time: Date;
    settle_time: Date | null;
  }>(
    `SELECT kind, service, first_number, last_number, find_time, settle_time FROM audit.finding
     WHERE settle_time IS NULL OR settle_time > $1 ORDER BY find_time DESC, finding_id LIMIT $2`,
    [settledSince, maxFindings],
  );
  return {
    entryCount: totals[0]!.entries,
    anchored,
    unanchoredSince: totals[0]!.since ?? undefined,
    findings: findings.map((row) => ({
      kind: row.kind,
      service: row.service,
      firstNumber: row.first_number,
      lastNumber: row.last_number,
      findTime: row.find_time,
      settleTime: row.settle_time ?? undefined,
    })),
    services: services.map(({ service, highest, entry_count }) => ({ service, highestNumber: highest, entryCount: entry_count })),
  };
}
