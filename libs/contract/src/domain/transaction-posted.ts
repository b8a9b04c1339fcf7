import type { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { cutText } from './clean-text.ts';
import { smallCode } from './codes.ts';
import {
  type Check,
  checkAmount,
  checkEnum,
  checkId,
  checkRequiredDate,
  checkSourceSystem,
  checkTime,
  invalidField,
} from './problem.ts';

/** Why a posting cannot be applied; undefined when it can. Amount and balance are in one currency, the amount not negative; no text refuses it. */
export function problemOfTransaction(posted: TransactionPosted): Check {
  const { amount } = posted;
  return (
    checkSourceSystem(posted.sourceSystem) ??
    checkId(posted.transactionId, 'transaction_id') ??
    checkId(posted.accountSourceId, 'account_source_id') ??
    checkId(posted.customerSourceId, 'customer_source_id') ??
    (posted.postTime === undefined ? invalidField('post_time') : checkTime(posted.postTime, 'post_time')) ??
    checkRequiredDate(posted.bookingDate, 'booking_date') ??
    checkEnum(posted.direction, 2, 'direction') ??
    (amount === undefined ? invalidField('amount') : checkAmount(amount, undefined, 'amount')) ??
    (amount!.minorUnits < 0n ? { reason: 'AMOUNT_OUT_OF_RANGE', field: 'amount.minor_units' } : undefined) ??
    checkAmount(posted.balanceAfter, amount!.currencyCode, 'balance_after') ??
    (posted.reversesTransactionId === '' ? undefined : checkId(posted.reversesTransactionId, 'reverses_transaction_id'))
  );
}

/** Most characters of the texts of a posting, from the contract. A posting has no flags: what is longer is cut. */
export const postingLimits = { counterpartyName: 200, counterpartyAccount: 64, remark: 1_000 } as const;

/** Kind or channel as it is stored and filtered by: in small letters, at most 32. */
export const postingCode = (text: string): string => cutText(smallCode(text), 32);
