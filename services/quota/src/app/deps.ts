import { callerSettings, type StaffDirectory } from '@bankcrm/access';
import type { CommandDeps } from '@bankcrm/backend';
import type { Tx } from '@bankcrm/database';
import type { Clock } from '@bankcrm/kernel';
import type { Call, PageTokens } from '@bankcrm/service';

/** What the operations that people call need. */
export interface QuotaDeps extends CommandDeps {
  pages: PageTokens;
  staff: Pick<StaffDirectory, 'recordOf' | 'everybody' | 'staffBelow'>;
  clock: Clock;
  /** Customers that a relationship manager may look after. */
  quota: number;
}

/** Runs work in a transaction that knows its caller. */
export const asCaller = <T>(
  { database }: Pick<QuotaDeps, 'database'>,
  { caller }: Pick<Call, 'caller'>,
  work: (tx: Tx) => Promise<T>,
): Promise<T> => database.inTransaction(callerSettings(caller), work);
