import type { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import {
  type Check,
  checkAmount,
  checkEnum,
  checkId,
  checkRequiredDate,
  checkSourceSystem,
  checkText,
  checkTime,
  invalidField,
} from './problem.ts';

/** Why a posting cannot be applied; undefined when it can. Amount and balance are in one currency, the amount not negative. */
export function problemOfTransaction(posted: TransactionPosted): Check {
  const { amount } = posted;
  return (
    checkSourceSystem(posted.sourceSystem) ??
    checkId(posted.transactionId, 'transaction_id') ??
    checkId(posted.accountSourceId, 'account_source_id') ??
    checkId(posted.customerSourceId, 'customer_source_id') ??
    (posted.postTime === undefined ? invalidField('post_time') : checkTime(posted.postTime, 'post_time')) ??
    checkRequiredDate(posted.bookingDate, 'booking_date') ??
    checkEnum(posted.direction, 2, 'direction', true) ??
    (amount === undefined ? invalidField('amount') : checkAmount(amount, undefined, 'amount')) ??
    (amount!.minorUnits < 0n ? { reason: 'AMOUNT_OUT_OF_RANGE', field: 'amount.minor_units' } : undefined) ??
    checkAmount(posted.balanceAfter, amount!.currencyCode, 'balance_after') ??
    checkText(posted.kind, 'kind', 32) ??
    checkText(posted.channel, 'channel', 32) ??
    checkText(posted.counterpartyName, 'counterparty_name', 200) ??
    checkText(posted.counterpartyAccount, 'counterparty_account', 64) ??
    checkText(posted.remark, 'remark') ??
    (posted.reversesTransactionId === '' ? undefined : checkId(posted.reversesTransactionId, 'reverses_transaction_id'))
  );
}
