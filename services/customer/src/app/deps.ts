import {
  type BlindIndex,
  callerSettings,
  type FieldCrypto,
  type KeySet,
  type StaffCaller,
  type StaffDirectory,
} from '@bankcrm/access';
import type { CommandDeps } from '@bankcrm/backend';
import type { Tx } from '@bankcrm/database';
import { type Clock, denied } from '@bankcrm/kernel';
import type { Call, Log, PageTokens } from '@bankcrm/service';
import type pg from 'pg';
import type { MissLimits } from '../domain/look-ups.ts';
import { Reason } from '../domain/reasons.ts';

/** What the operations that people call need. */
export interface CustomerDeps extends CommandDeps {
  /** Connects as the request role: row-level security shows what the caller's scope holds. */
  requests: pg.Pool;
  clock: Clock;
  log: Pick<Log, 'error'>;
  staff: Pick<StaffDirectory, 'staffIdOf' | 'staffNumberOf'>;
  /** Seals and opens identifying values. */
  fields: FieldCrypto;
  index: BlindIndex;
  /** Keys of the hashes of old and new values in audit entries. */
  auditKeys: KeySet;
  pages: PageTokens;
  bankCurrency: string;
  timeZone: string;
  /** Identifying values that one member of staff may be shown in a day. */
  revealsPerDay: number;
  /** Searches and openings by complete identifiers that one member of staff may make in a day. */
  lookupsPerDay: number;
  /** And those of them that find nobody. */
  missLimits: MissLimits;
}

/** Permission to see, filter and sort by balances, limits and transactions. */
export const financialsPermission = 'customer.financials.get';

/** Throws DENIED `PERMISSION_MISSING` for a caller who may not see balances and transactions. */
export function requireFinancials(caller: StaffCaller): void {
  if (!caller.permissions.has(financialsPermission)) throw denied(Reason.permissionMissing, { permission: financialsPermission });
}

/**
 * How statements are planned. Prepared ones once per connection instead of anew for every value: planning under nested policies costs several times what
 * running does. `anew` is for filters of many shapes, where values matter. Under policies, which make every row look dear, PostgreSQL would rather
 * read a whole table or index, or hold a branch's customers in memory against an index of the bank, than look at a few rows in vain: so those ways are off.
 */
export const planning = {
  once: { plan_cache_mode: 'force_generic_plan', enable_bitmapscan: 'off', enable_seqscan: 'off', enable_material: 'off' },
  anew: { plan_cache_mode: 'force_custom_plan', enable_bitmapscan: 'off', enable_seqscan: 'off' },
} as const;

/** Runs work in a transaction that knows its caller. */
export const asCaller = <T>(
  { database }: Pick<CustomerDeps, 'database'>,
  call: Pick<Call, 'caller'>,
  work: (tx: Tx) => Promise<T>,
  { planned = 'once' }: { planned?: keyof typeof planning } = {},
): Promise<T> => database.inTransaction({ ...callerSettings(call.caller), ...planning[planned] }, work);
