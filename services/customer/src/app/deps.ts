import type { BlindIndex, FieldCrypto, KeySet, StaffCaller, StaffDirectory } from '@bankcrm/access';
import type { ReplySealer } from '@bankcrm/database';
import { type Clock, denied } from '@bankcrm/kernel';
import type { Call, PageTokens } from '@bankcrm/service';
import type pg from 'pg';

/** What the operations that people call need. */
export interface CustomerDeps {
  /** Connects as the request role: row-level security shows what the caller's scope holds. */
  requests: pg.Pool;
  clock: Clock;
  staff: Pick<StaffDirectory, 'staffIdOf' | 'staffNumberOf'>;
  /** Seals and opens identifying values. */
  fields: FieldCrypto;
  /** Seals the stored replies of commands that carry a request id. */
  replies: ReplySealer;
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
}

/** Permission to see, filter and sort by balances, limits and transactions. */
export const financialsPermission = 'customer.financials.get';

/** Customers have a scope only for people: a system sees none. Throws DENIED `STAFF_ONLY`. */
export function staffOf(call: Pick<Call, 'caller'>): StaffCaller {
  if (call.caller.kind !== 'staff') throw denied('STAFF_ONLY');
  return call.caller;
}

/** Throws DENIED `PERMISSION_MISSING` for a caller who may not see balances and transactions. */
export function requireFinancials(caller: StaffCaller): void {
  if (!caller.permissions.has(financialsPermission)) throw denied('PERMISSION_MISSING', { permission: financialsPermission });
}
