import { AuditPack, AuditPack_State } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import type { Decision } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { type ActCount, filterOf, type Pack } from '../domain/pack.ts';
import { packName } from '../domain/quarter.ts';

/** The version of a pack, to be named by a change. */
export const etagOf = ({ version }: Pack): string => String(version);

/** A pack as it is shown; in a list without its counts. */
export const packToWire = (pack: Pack, counts: readonly ActCount[] = []): AuditPack =>
  AuditPack.fromPartial({
    name: packName(pack.quarter),
    state: AuditPack_State[pack.state],
    startTime: pack.start,
    endTime: pack.end,
    createTime: pack.createTime,
    counts: counts.map(({ decision, ...count }) => ({ ...count, decision: decision as Decision })),
    entriesFilter: filterOf(pack),
    entriesHash: pack.entriesHash,
    entryCount: pack.entryCount,
    head: pack.head,
    etag: etagOf(pack),
    ...(pack.state === 'SIGNED_OFF' && { reviewer: pack.reviewer, findings: pack.findings, signOffTime: pack.signOffTime }),
  });
