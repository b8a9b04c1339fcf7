import { type AccountSnapshot, AccountState } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { ControlTotals } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import type { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { Direction, type TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { formatDay, instantOf } from '../calendar.ts';
import { type Account, close, snapshotOf } from './account.ts';
import { postingsOf } from './activity.ts';
import { post } from './book.ts';
import { changesOf } from './changes.ts';
import { type Customer, customerAt } from './customer.ts';
import { partiesOf } from './parties.ts';
import { portfolioOf } from './portfolio.ts';
import { randomFor, type World } from './world.ts';

/** One fact of the bank, before it is a message. */
export type BankEvent =
  | { type: 'customer'; at: Date; value: CustomerSnapshot }
  | { type: 'account'; at: Date; value: AccountSnapshot }
  | { type: 'transaction'; at: Date; value: TransactionPosted }
  | { type: 'rate'; at: Date; value: RateQuoted }
  | { type: 'product'; at: Date; value: ProductSnapshot }
  | { type: 'control'; at: Date; value: ControlTotals };

/** All that happened to one customer in the window, in the order of time, and the accounts as they stand at its end. */
export type History = { customer: Customer; accounts: readonly Account[]; events: readonly BankEvent[] };

/** The whole history of the customer at a position, from the seed alone. */
export function historyOf(world: World, index: number): History {
  const customer = customerAt(world, index);
  const accounts = portfolioOf(world, customer);
  const random = randomFor(world, 'activity', index);
  const begin = customer.snapshot.updateTime as Date;
  const events: BankEvent[] = [{ type: 'customer', at: begin, value: customer.snapshot }];
  for (const value of partiesOf(world, customer, accounts))
    events.push({ type: 'customer', at: value.updateTime as Date, value });
  const published = new Map<Account, number>();
  const publish = (account: Account, at: Date) => {
    if (published.get(account) === account.version) return;
    published.set(account, account.version);
    events.push({ type: 'account', at, value: snapshotOf(account, at) });
  };
  for (const account of accounts) publish(account, begin);
  for (const month of world.window) {
    for (const value of postingsOf(world, customer, accounts, month, random))
      events.push({ type: 'transaction', at: value.postTime as Date, value });
    const { closeDay } = customer;
    if (closeDay !== undefined && closeDay >= month.first && closeDay <= month.last) end(customer, accounts, events);
    const at = instantOf(closeDay === undefined ? month.last : Math.min(month.last, Math.max(closeDay, month.first)), 86_399);
    for (const account of accounts) {
      growLater(account, month.last - Math.max(month.first, customer.openDay) + 1);
      publish(account, at);
    }
  }
  for (const value of changesOf(world, customer)) events.push({ type: 'customer', at: value.updateTime as Date, value });
  events.sort((a, b) => a.at.getTime() - b.at.getTime());
  return { customer, accounts, events };
}

/** What is past due at a month's beginning is a month more so at its end: nothing was paid. */
function growLater(account: Account, days: number): void {
  if (days <= 0 || account.base.daysPastDue === 0 || account.base.state !== AccountState.ACTIVE) return;
  account.base.daysPastDue += days;
  account.version++;
}

/** The relation ends at the counter: what is left is paid out and every account is closed. */
function end(customer: Customer, accounts: readonly Account[], events: BankEvent[]): void {
  const day = customer.closeDay as number;
  for (const account of accounts) {
    const entry = {
      day,
      second: 50_000,
      direction: Direction.DEBIT,
      minor: account.balance,
      kind: 'cash',
      channel: 'counter',
      remark: '销户',
    };
    const value = post(account, entry);
    if (value) events.push({ type: 'transaction', at: value.postTime as Date, value });
    if (account.base.state === AccountState.ACTIVE) close(account, formatDay(day));
  }
}
