import { callerSettings } from '@bankcrm/access';
import type { Database } from '@bankcrm/backend';
import type { Tx } from '@bankcrm/database';
import type { Clock } from '@bankcrm/kernel';
import type { AuditedCall } from '@bankcrm/service';

/** What operators' and stewards' use cases share. */
export interface OperateDeps {
  /** Connects as the request role. */
  database: Database;
  clock: Clock;
}

/** Work in one transaction that knows its caller, person or system. */
export const asOperator = <T>({ database }: OperateDeps, call: AuditedCall, work: (tx: Tx) => Promise<T>): Promise<T> =>
  database.inTransaction(callerSettings(call.caller), work);
