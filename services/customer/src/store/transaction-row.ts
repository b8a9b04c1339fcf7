import type { Transaction } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { moneyOf } from './money.ts';

/** A posted transaction as the view functions give it. */
export interface TransactionRow {
  transaction_id: string;
  account_id: string;
  sequence_text: string;
  /** With microseconds, which a page token must keep. */
  post_time: string;
  booking_date: string;
  direction: 1 | 2;
  currency_code: string;
  amount_minor: string;
  balance_after_minor: string | null;
  kind: string;
  channel: string;
  counterparty_name: string;
  counterparty_masked: string;
  remark: string;
  reverses_source_transaction_id: string;
  number_masked: string | null;
}

/** `customer` is `customers/{uuid}`. */
export function transactionOf(row: TransactionRow, customer: string): Transaction {
  return {
    name: `${customer}/transactions/${row.transaction_id}`,
    holding: `${customer}/holdings/${row.account_id}`,
    maskedNumber: row.number_masked ?? '',
    postTime: new Date(row.post_time),
    bookingDate: row.booking_date,
    direction: row.direction === 1 ? 'credit' : 'debit',
    amount: moneyOf(row.currency_code, row.amount_minor),
    balanceAfter: moneyOf(row.currency_code, row.balance_after_minor),
    kind: row.kind,
    channel: row.channel,
    counterpartyName: row.counterparty_name,
    counterpartyMaskedAccount: row.counterparty_masked,
    remark: row.remark,
    reversesTransactionId: row.reverses_source_transaction_id,
  };
}
