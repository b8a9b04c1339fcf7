import { AccountState } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { UsageError } from '@bankcrm/simulator';
import type { Row } from './tables.ts';
import { hellers, isoDate } from './values.ts';

/** The set was closed at the end of 1998; loan states are as of then. */
export const dataEnd = '1998-12-31';

export type LoanState = {
  state: AccountState;
  principal: bigint;
  balance: bigint;
  openDate: string;
  maturityDate: string;
  closeDate: string;
  daysPastDue: number;
};

/**
 * What a loan stood at on `asOf`. The set gives amount, number of monthly instalments and instalment (amount = duration × payments,
 * no interest apart), but not which instalments were paid; so:
 *
 * - instalment k falls due k months after the loan's date; due = those due by `asOf`, at most `duration`
 * - A (finished, no problems): closed at maturity, balance 0
 * - C (running, well): balance = amount − payments × due
 * - B (finished, not paid) and D (running, in debt): at least the newest instalment due is open, so balance = amount − payments ×
 *   (due − 1) and days past due are counted from its date. Both are lower bounds: the set does not say how much was missed.
 *   B is written off.
 */
export function loanStateOf(row: Row<'loan'>, asOf = dataEnd): LoanState {
  const openDate = isoDate(row.date);
  const duration = Number(row.duration);
  const principal = hellers(row.amount);
  const maturityDate = addMonths(openDate, duration);
  let due = 0;
  while (due < duration && addMonths(openDate, due + 1) <= asOf) due++;
  const remaining = (paid: number) => principal - hellers(row.payments) * BigInt(Math.max(0, paid));
  const lateDays = Math.max(1, daysBetween(addMonths(openDate, due), asOf));
  const base = { principal, openDate, maturityDate, closeDate: '', daysPastDue: 0 };
  switch (row.status) {
    case 'A':
      return { ...base, state: AccountState.CLOSED, balance: 0n, closeDate: maturityDate };
    case 'B':
      return { ...base, state: AccountState.WRITTEN_OFF, balance: remaining(due - 1), daysPastDue: lateDays };
    case 'C':
      return { ...base, state: AccountState.ACTIVE, balance: remaining(due) };
    case 'D':
      return { ...base, state: AccountState.ACTIVE, balance: remaining(due - 1), daysPastDue: lateDays };
    default:
      throw new UsageError(`loan ${row.loan_id} has status "${row.status}"; known are A, B, C and D.`);
  }
}

/** The same day so many months on, or the month's last day where it has no such day. */
export function addMonths(date: string, months: number): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const lastDay = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, lastDay))).toISOString().slice(0, 10);
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}
