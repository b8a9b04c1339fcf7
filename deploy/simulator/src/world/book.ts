import type { AccountKind } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { AccountState } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { Direction, type TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type Day, formatDay, instantOf } from '../calendar.ts';
import { type Account, amount, isOwed } from './account.ts';
import { exceedsSingle } from './limits.ts';

/** What a posting says beside the account it is on. `minor` is positive. */
export type Entry = {
  day: Day;
  second: number;
  direction: Direction;
  minor: number;
  kind: string;
  channel: string;
  counterpartyName?: string;
  counterpartyAccount?: string;
  remark?: string;
  reverses?: string;
};

/**
 * Posts an entry on an account: the sequence, the balance and the version move together. Gives undefined and changes nothing
 * where the bank would refuse: nothing to post, an account that is closed, a debit of a frozen account, more than is there or
 * may be moved at a time.
 */
export function post(account: Account, entry: Entry, sequence = account.sequence + 1): TransactionPosted | undefined {
  const { base } = account;
  if (entry.minor <= 0 || base.state !== AccountState.ACTIVE) return undefined;
  const credit = entry.direction === Direction.CREDIT;
  const after = account.balance + (credit === isOwed(base.kind) ? -entry.minor : entry.minor);
  if (after < 0 || (base.frozen && !credit) || exceedsLimit(base.kind, after, base.creditLimit?.minorUnits)) return undefined;
  if (!credit && exceedsSingle(account, entry.channel, entry.minor)) return undefined;
  account.balance = after;
  account.sequence = sequence;
  account.version++;
  return {
    sourceSystem: base.sourceSystem,
    transactionId: `${base.sourceId}-${sequence}`,
    accountSourceId: base.sourceId,
    customerSourceId: base.holders[0]?.customerSourceId ?? '',
    sequence: BigInt(sequence),
    postTime: instantOf(entry.day, entry.second),
    bookingDate: formatDay(entry.day),
    direction: entry.direction,
    amount: amount(base.currencyCode, entry.minor),
    balanceAfter: amount(base.currencyCode, after),
    kind: entry.kind,
    channel: entry.channel,
    counterpartyName: entry.counterpartyName ?? '',
    counterpartyAccount: entry.counterpartyAccount ?? '',
    remark: entry.remark ?? '',
    reversesTransactionId: entry.reverses ?? '',
  };
}

function exceedsLimit(kind: AccountKind, after: number, limit: bigint | undefined): boolean {
  return isOwed(kind) && limit !== undefined && after > Number(limit);
}
