import type { KeySet, StaffCaller, StaffDirectory } from '@bankcrm/access';
import { auditHash } from '@bankcrm/access';
import { inTransaction, sqlState, type Tx } from '@bankcrm/database';
import { appendToOutbox } from '@bankcrm/events';
import { AppError, type Clock, denied } from '@bankcrm/kernel';
import { type AuditedCall, type AuditFacts, auditEntry, auditEvent, type Call, type PageTokens } from '@bankcrm/service';
import type pg from 'pg';
import type { Reader } from '../domain/reader.ts';
import { searchPlanning } from '../store/search.ts';
import { readerOf } from './reader.ts';

/** What reading the log takes. */
export interface ReadDeps {
  /** Connects as the request role. */
  requests: pg.Pool;
  staff: Pick<StaffDirectory, 'staffBelow'>;
  pages: PageTokens;
  /** Of the hashes in entries. */
  auditKeys: KeySet;
  clock: Clock;
}

/** The person who calls. Throws DENIED `STAFF_ONLY` for a system. */
export function callingStaff({ caller }: Pick<Call, 'caller'>): StaffCaller {
  if (caller.kind !== 'staff') throw denied('STAFF_ONLY');
  return caller;
}

/**
 * Reads the log in a transaction that knows what its reader may see. Throws INVALID `SEARCH_TOO_BROAD` for what takes longer than a statement may.
 */
export async function asReader<T>(
  { requests, staff }: ReadDeps,
  call: Call,
  read: (tx: Tx, reader: Reader) => Promise<T>,
): Promise<T> {
  const reader = readerOf(callingStaff(call), (units) => staff.staffBelow(units));
  try {
    return await inTransaction(requests, { ...reader.settings, ...searchPlanning }, (tx) => read(tx, reader));
  } catch (error) {
    if (sqlState(error) === statementTimeout) throw new AppError('INVALID', 'SEARCH_TOO_BROAD', { cause: error });
    throw error;
  }
}

const statementTimeout = '57014';

/** Records that somebody has looked into the log, in the open transaction. */
export const recordView = (tx: Tx, call: AuditedCall, { clock }: ReadDeps, facts: Partial<AuditFacts>): Promise<void> =>
  appendToOutbox(tx, [auditEvent(auditEntry(call, { service: 'audit', time: clock.now(), ...facts }))]);

/** Keyed hash of what was asked for. */
export const askedFor = ({ auditKeys }: Pick<ReadDeps, 'auditKeys'>, filter: string): Buffer => auditHash(auditKeys, filter);
