import { AccountKind, type TransactionLimit } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { Account } from './account.ts';
import { amount } from './account.ts';
import type { Customer } from './customer.ts';
import { randomFor, type World } from './world.ts';

const SINGLE = 'transaction-single';
const DAILY = 'transaction-daily';
/** Cash machines: 5,000 yuan at a time, 20,000 a day. */
const ATM_SINGLE = 500_000;
const ATM_DAILY = 2_000_000;

/** Gives a current account or card its transaction limits; a tenth have none. */
export function limit(world: World, customer: Customer, account: Account, slot: number): void {
  const { base } = account;
  const random = randomFor(world, 'limits', customer.index, slot);
  if (random.chance(0.1)) return;
  const of = (kind: string, channel: string, minor: number): TransactionLimit => {
    return { kind, channel, limit: amount(base.currencyCode, minor) };
  };
  if (base.kind === AccountKind.DEBIT_CARD) base.limits = [of(SINGLE, 'atm', ATM_SINGLE), of(DAILY, 'atm', ATM_DAILY)];
  const line = Number(base.creditLimit?.minorUnits ?? 0n);
  if (base.kind === AccountKind.CREDIT_CARD) base.limits = [of(SINGLE, '', line), of(DAILY, '', 2 * line)];
  if (base.kind !== AccountKind.DEPOSIT) return;
  const single = Math.max(5_000_000, Math.ceil(customer.monthlyIncome / 1_000_000) * 10_000_000);
  base.limits = [of(SINGLE, '', single), of(DAILY, '', random.int(5, 10) * single)];
  if (!random.chance(0.3)) return;
  const mobile = Math.round(single / 2);
  base.limits.push(of(SINGLE, 'mobile', mobile), of(DAILY, 'mobile', 5 * mobile));
}

/** Whether a debit is more than the account may move at a time over a channel; what the bank itself posts has no limit. */
export function exceedsSingle({ base }: Account, channel: string, minor: number): boolean {
  if (channel === 'batch' || channel === 'counter') return false;
  return base.limits.some(
    (one) =>
      one.kind === SINGLE && (one.channel === '' || one.channel === channel) && BigInt(minor) > (one.limit?.minorUnits ?? 0n),
  );
}
