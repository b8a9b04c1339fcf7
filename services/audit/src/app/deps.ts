import type { KeySet, StaffDirectory } from '@bankcrm/access';
import { auditHash } from '@bankcrm/access';
import type { CommandDeps } from '@bankcrm/backend';
import { inTransaction, sqlState, type Tx } from '@bankcrm/database';
import { appendToOutbox } from '@bankcrm/events';
import { AppError, type Clock } from '@bankcrm/kernel';
import {
  type AuditedCall,
  type AuditFacts,
  auditEntry,
  auditEvent,
  type Call,
  callingStaff,
  type PageTokens,
} from '@bankcrm/service';
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

/** What making and reviewing packs takes. */
export interface PackDeps extends ReadDeps, CommandDeps {
  /** IANA name of the zone that quarters are counted in. */
  timeZone: string;
}

/** Reads the log in a transaction that knows what its reader may see. Throws as {@link reading} does. */
export function asReader<T>(deps: ReadDeps, call: Call, read: (tx: Tx, reader: Reader) => Promise<T>): Promise<T> {
  const reader = readerOf(callingStaff(call), (units) => deps.staff.staffBelow(units));
  return reading(deps, reader, (tx) => read(tx, reader));
}

/** The same for a reader who is known already. Throws INVALID `SEARCH_TOO_BROAD` for what takes longer than a statement may. */
export async function reading<T>(
  { requests }: Pick<ReadDeps, 'requests'>,
  { settings }: Reader,
  read: (tx: Tx) => Promise<T>,
): Promise<T> {
  try {
    return await inTransaction(requests, { ...settings, ...searchPlanning }, read);
  } catch (error) {
    if (sqlState(error) === statementTimeout) throw new AppError('INVALID', 'SEARCH_TOO_BROAD', { cause: error });
    throw error;
  }
}

const statementTimeout = '57014';

/** Records that somebody has looked into the log, in the open transaction. */
export const recordView = (
  tx: Tx,
  call: AuditedCall,
  { clock }: Pick<ReadDeps, 'clock'>,
  facts: Partial<AuditFacts>,
): Promise<void> => appendToOutbox(tx, [auditEvent(auditEntry(call, { service: 'audit', time: clock.now(), ...facts }))]);

/** Keyed hash of what was asked for. */
export const askedFor = ({ auditKeys }: Pick<ReadDeps, 'auditKeys'>, filter: string): Buffer => auditHash(auditKeys, filter);
