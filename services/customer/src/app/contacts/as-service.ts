import { callerSettings } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import { denied } from '@bankcrm/kernel';
import type { Call } from '@bankcrm/service';
import type { CustomerDeps } from '../deps.ts';

/**
 * Runs work in a transaction that says which service asks: the functions of db/functions/contacts.sql answer in no other. Throws DENIED `SERVICE_ONLY` for
 * anybody else.
 */
export function asService<T>(
  { database }: Pick<CustomerDeps, 'database'>,
  { caller, policy }: Pick<Call, 'caller' | 'policy'>,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  if (caller.kind !== 'service') throw denied('SERVICE_ONLY', { permission: policy.permission });
  return database.inTransaction({ ...callerSettings(caller), 'bankcrm.service': caller.clientId }, work);
}
