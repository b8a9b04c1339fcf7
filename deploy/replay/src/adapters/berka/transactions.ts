import { Direction, type TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { accountSourceId } from './accounts.ts';
import type { Posting } from './postings.ts';
import { sourceSystem } from './source-system.ts';
import type { Row } from './tables.ts';
import { czk } from './values.ts';

/** The contract's kind for a `k_symbol` (what for), or failing that for an `operation` (how). */
const bySymbol: Readonly<Record<string, string>> = {
  UROK: 'interest',
  'SANKC. UROK': 'penalty-interest',
  SLUZBY: 'fee',
  SIPO: 'household-payment',
  DUCHOD: 'pension',
  POJISTNE: 'insurance-payment',
  UVER: 'loan-repayment',
};
const byOperation: Readonly<Record<string, string>> = {
  VKLAD: 'cash',
  VYBER: 'cash',
  'VYBER KARTOU': 'cash',
  'PREVOD Z UCTU': 'transfer',
  'PREVOD NA UCET': 'transfer',
};

/**
 * A posting as the contract's message. The set gives days, not times: the second within the day is the place in the day's
 * chain, so that order by time is the order of the chain.
 */
export function transactionOf(posting: Posting, ownerSourceId: string): TransactionPosted {
  const { row, change, balanceAfter, date, sequence, positionInDay } = posting;
  const credit = change > 0n;
  return {
    sourceSystem,
    transactionId: row.trans_id,
    accountSourceId: accountSourceId(row.account_id),
    customerSourceId: ownerSourceId,
    sequence: BigInt(sequence),
    postTime: new Date(Date.parse(`${date}T12:00:00Z`) + positionInDay * 1_000),
    bookingDate: date,
    direction: credit ? Direction.CREDIT : Direction.DEBIT,
    amount: czk(credit ? change : -change),
    balanceAfter: czk(balanceAfter),
    kind: bySymbol[row.k_symbol.trim()] ?? byOperation[row.operation] ?? 'other',
    channel: channelOf(row),
    counterpartyName: '',
    counterpartyAccount: /^0*$/.test(row.account) ? '' : `${row.account}/${row.bank}`,
    remark: [row.operation, row.k_symbol.trim()].filter(Boolean).join(' '),
    reversesTransactionId: '',
  };
}

/** Empty where the set does not tell. */
function channelOf({ operation }: Row<'transaction'>): string {
  if (operation === 'VKLAD' || operation === 'VYBER') return 'counter';
  return operation === 'VYBER KARTOU' ? 'atm' : operation === '' ? 'batch' : '';
}
