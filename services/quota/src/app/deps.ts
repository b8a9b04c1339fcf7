import { callerSettings, type StaffCaller, type StaffDirectory } from '@bankcrm/access';
import type { CommandDeps } from '@bankcrm/backend';
import type { Tx } from '@bankcrm/database';
import { type Clock, denied } from '@bankcrm/kernel';
import type { Call, PageTokens } from '@bankcrm/service';
import { Reason } from '../domain/reasons.ts';

/** What the operations that people call need. */
export interface QuotaDeps extends CommandDeps {
  pages: PageTokens;
  staff: Pick<StaffDirectory, 'recordOf' | 'everybody' | 'staffBelow'>;
  clock: Clock;
  /** Customers that a relationship manager may look after. */
  quota: number;
}

/** Throws DENIED `STAFF_ONLY` for a system. */
export function callingStaff({ caller }: Pick<Call, 'caller'>): StaffCaller {
  if (caller.kind !== 'staff') throw denied(Reason.staffOnly);
  return caller;
}

/** Runs work in a transaction that knows its caller. */
export const asCaller = <T>(
  { database }: Pick<QuotaDeps, 'database'>,
  { caller }: Pick<Call, 'caller'>,
  work: (tx: Tx) => Promise<T>,
): Promise<T> => database.inTransaction(callerSettings(caller), work);
