import { callerSettings } from '@bankcrm/access';
import { inTransaction, type Tx } from '@bankcrm/database';
import type { Clock } from '@bankcrm/kernel';
import type { AuditedCall } from '@bankcrm/service';
import type pg from 'pg';

/** What operators' and stewards' use cases share. */
export interface OperateDeps {
  /** Connects as the request role. */
  requests: pg.Pool;
  clock: Clock;
}

/** Work in one transaction that knows its caller, person or system. */
export const asOperator = <T>({ requests }: OperateDeps, call: AuditedCall, work: (tx: Tx) => Promise<T>): Promise<T> =>
  inTransaction(requests, callerSettings(call.caller), work);
