import { AccountKind, AccountState } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { Direction, type TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type CalendarMonth, type Day, formatDay, parseDay } from '../calendar.ts';
import { merchants, spendingSeason } from '../data/life.ts';
import { chineseName } from '../data/names.ts';
import { accountNumber } from '../numbers/luhn.ts';
import { type Random, weighted } from '../random.ts';
import { type Account, close } from './account.ts';
import { type Entry, post } from './book.ts';
import type { Customer } from './customer.ts';
import type { World } from './world.ts';

/** Something that will happen at a second of a day; what it does depends on the balances at that moment. */
type Plan = { day: Day; second: number; run: (post: Posting) => void };
type Posting = (account: Account, entry: Omit<Entry, 'day' | 'second'>) => TransactionPosted | undefined;

/** Postings of one customer in one month, in the order of time; moves the accounts. */
export function postingsOf(
  world: World,
  customer: Customer,
  accounts: readonly Account[],
  month: CalendarMonth,
  random: Random,
): TransactionPosted[] {
  const main = accounts[0];
  const from = Math.max(month.first, customer.openDay);
  const to = customer.closeDay === undefined ? month.last : Math.min(month.last, customer.closeDay - 1);
  if (!main || from > to) return [];
  const pace = world.activity * (customer.churner ? decay(world, from) : 1) * (main.base.dormant ? 0 : 1);
  const plans: Plan[] = [];
  const at = (day: Day, second: number, run: Plan['run']) => {
    if (day >= from && day <= to) plans.push({ day, second, run });
  };
  const anyDay = () => random.int(from, to);
  const officeHour = () => random.int(9 * 3_600, 17 * 3_600);
  income(customer, main, month, pace, random, at);
  spending(customer, accounts, month, pace * ((to - from + 1) / 30), random, (run) =>
    at(anyDay(), random.int(7 * 3_600, 23 * 3_600), run),
  );
  transfers(customer, accounts, pace, random, (run) => at(anyDay(), officeHour(), run));
  for (const account of accounts) scheduled(account, main, month, random, at);
  plans.sort((a, b) => a.day - b.day || a.second - b.second);
  const posted: TransactionPosted[] = [];
  for (const plan of plans)
    plan.run((account, entry) => {
      const transaction = post(account, { ...entry, day: plan.day, second: plan.second });
      if (transaction) posted.push(transaction);
      return transaction;
    });
  return posted;
}

/** A customer who leaves halves the use of the account every three weeks, beginning with the window. */
function decay(world: World, day: Day): number {
  return 0.5 ** ((day - world.start) / 21);
}

type At = (day: Day, second: number, run: Plan['run']) => void;
type Sometime = (run: Plan['run']) => void;
const credit = Direction.CREDIT;
const debit = Direction.DEBIT;

/** Salaries on the 5th, 10th, 15th or 25th, the same day each month; receipts of companies when their customers pay. */
function income(customer: Customer, main: Account, month: CalendarMonth, pace: number, random: Random, at: At): void {
  if (pace === 0) return;
  const { monthlyIncome } = customer;
  if (customer.organisation) {
    for (let i = random.poisson(4 * pace); i > 0; i--) {
      const minor = Math.round(random.logNormal(monthlyIncome / 5, 0.8));
      const entry = { direction: credit, minor, kind: 'receipt', channel: 'web', ...counterparty(random), remark: '货款' };
      at(month.first + random.int(0, 27), random.int(9 * 3_600, 18 * 3_600), (post) => post(main, entry));
    }
    return;
  }
  const payday = [5, 10, 15, 25][customer.index % 4] as number;
  const leaves = customer.churner && random.chance(1 - pace);
  if (customer.index % 7 === 3 || leaves) return;
  const minor = Math.round(monthlyIncome * (0.97 + 0.06 * random.unit()));
  at(month.first + payday - 1, 9 * 3_600 + random.int(0, 3_600), (post) =>
    post(main, { direction: credit, minor, kind: 'salary', channel: 'batch', counterpartyName: '代发工资', remark: '工资' }),
  );
}

const spendingKinds = weighted([
  ['card-payment', 70],
  ['utility-payment', 8],
  ['cash', 7],
  ['transfer', 15],
] as const);

function spending(
  customer: Customer,
  accounts: readonly Account[],
  month: CalendarMonth,
  pace: number,
  random: Random,
  sometime: Sometime,
): void {
  const main = accounts[0] as Account;
  const creditCard = accounts.find((account) => account.base.kind === AccountKind.CREDIT_CARD);
  const season = spendingSeason[month.month - 1] as number;
  const mean = customer.organisation ? 8 : 7;
  const budget = customer.monthlyIncome * (customer.organisation ? 0.75 : 0.55) * season;
  for (let i = random.poisson(mean * pace * season); i > 0; i--) {
    const kind = customer.organisation ? 'transfer' : random.draw(spendingKinds);
    const account = kind === 'card-payment' && creditCard && random.chance(0.4) ? creditCard : main;
    const raw = Math.round(random.logNormal(budget / mean / 1.5, 0.9));
    const minor = kind === 'cash' ? Math.max(10_000, Math.round(raw / 10_000) * 10_000) : raw;
    const other =
      kind === 'transfer' ? counterparty(random) : kind === 'cash' ? {} : { counterpartyName: random.pick(merchants) };
    const channel =
      kind === 'cash' ? random.pick(['atm', 'counter']) : kind === 'card-payment' ? random.pick(['pos', 'mobile']) : 'mobile';
    const reversed = kind === 'card-payment' && random.chance(0.004);
    sometime((post) => {
      const done = post(account, { direction: debit, minor, kind, channel, ...other });
      if (done && reversed)
        post(account, {
          direction: credit,
          minor,
          kind: 'reversal',
          channel: 'batch',
          remark: '冲正',
          reverses: done.transactionId,
        });
    });
  }
}

/** Money from and to people, and between the customer's own accounts. */
function transfers(customer: Customer, accounts: readonly Account[], pace: number, random: Random, sometime: Sometime): void {
  const main = accounts[0] as Account;
  for (let i = random.poisson(0.8 * pace); i > 0; i--) {
    const minor = Math.round(random.logNormal(customer.monthlyIncome / 6, 1));
    const entry = { direction: credit, minor, kind: 'transfer', channel: 'mobile', ...counterparty(random) };
    sometime((post) => post(main, entry));
  }
  for (const account of accounts) {
    const buys = account.base.kind === AccountKind.WEALTH && random.chance(0.15 * Math.min(1, pace));
    const currency = account.base.currencyCode !== 'CNY' && random.chance(0.5 * Math.min(1, pace));
    const share = 0.05 + 0.3 * random.unit();
    if (buys)
      sometime((post) => {
        const minor = Math.floor((main.balance * share) / 100_000) * 100_000;
        if (post(main, { direction: debit, minor, kind: 'wealth-purchase', channel: 'mobile', remark: account.base.productName }))
          post(account, { direction: credit, minor, kind: 'wealth-purchase', channel: 'mobile' });
      });
    if (currency) {
      const paysIn = random.chance(0.6);
      const amount = Math.round(random.logNormal(100_000, 1));
      sometime((post) =>
        post(account, {
          direction: paysIn ? credit : debit,
          minor: amount,
          kind: 'remittance',
          channel: 'web',
          ...counterparty(random),
        }),
      );
    }
  }
  // Those who leave move what they have to another bank.
  if (customer.churner && random.chance(0.5))
    sometime((post) =>
      post(main, {
        direction: debit,
        minor: Math.floor(main.balance * 0.5),
        kind: 'transfer',
        channel: 'mobile',
        remark: '转至他行',
        ...counterparty(random),
      }),
    );
}

/** What the bank's batches post: interest, loan and card repayments, maturities. */
function scheduled(account: Account, main: Account, month: CalendarMonth, random: Random, at: At): void {
  const { base } = account;
  switch (base.kind) {
    case AccountKind.DEPOSIT: {
      // Demand deposits settle interest on the 20th of a quarter's last month and post it on the 21st; 0.05 % a year.
      if (month.month % 3 === 0)
        at(month.first + 20, 1_800, (post) =>
          post(account, {
            direction: credit,
            minor: Math.floor((account.balance * 0.0005) / 4),
            kind: 'interest',
            channel: 'batch',
            remark: '结息',
          }),
        );
      return;
    }
    case AccountKind.WEALTH: {
      const day = month.first + 14;
      at(day, 3_600, (post) =>
        post(account, {
          direction: credit,
          minor: Math.floor((account.balance * Number(base.annualRateMicros)) / 12e6),
          kind: 'income',
          channel: 'batch',
        }),
      );
      return;
    }
    case AccountKind.LOAN:
      if (base.daysPastDue === 0) at(month.first + 19, 5_400, (post) => repayLoan(account, main, post));
      return;
    case AccountKind.CREDIT_CARD: {
      const all = random.chance(0.8);
      if (base.daysPastDue > 0) return;
      at(month.first + 17, 5_400, (post) => {
        const minor = Math.min(main.balance, Math.ceil(account.balance * (all ? 1 : 0.1)));
        transferBetween(main, account, minor, 'card-repayment', post);
      });
      return;
    }
    case AccountKind.TERM_DEPOSIT:
      at(parseDay(base.maturityDate), 600, (post) => mature(account, main, parseDay(base.maturityDate), post));
  }
}

/** Interest is charged to the loan, then principal and interest are drawn from the current account. */
function repayLoan(loan: Account, main: Account, post: Posting): void {
  const interest = Math.round((loan.balance * Number(loan.base.annualRateMicros)) / 12e6);
  const principal = Math.min(loan.balance, Math.round(Number(loan.base.principal?.minorUnits ?? 0n) / 360));
  const minor = interest + principal;
  if (minor === 0 || main.balance < minor || main.base.frozen) return;
  post(loan, { direction: debit, minor: interest, kind: 'interest', channel: 'batch' });
  transferBetween(main, loan, minor, 'loan-repayment', post);
}

function transferBetween(from: Account, to: Account, minor: number, kind: string, post: Posting): void {
  if (post(from, { direction: debit, minor, kind, channel: 'batch', remark: to.base.productName }))
    post(to, { direction: credit, minor, kind, channel: 'batch' });
}

function mature(account: Account, main: Account, day: Day, post: Posting): void {
  if (account.base.state !== AccountState.ACTIVE) return;
  const days = day - parseDay(account.base.openDate);
  const interest = Math.floor((account.balance * Number(account.base.annualRateMicros) * days) / 365e6);
  const principal = account.balance;
  if (!post(account, { direction: debit, minor: principal, kind: 'term-maturity', channel: 'batch' })) return;
  post(main, { direction: credit, minor: principal, kind: 'term-maturity', channel: 'batch', remark: '定期到期' });
  post(main, { direction: credit, minor: interest, kind: 'interest', channel: 'batch', remark: '定期利息' });
  close(account, formatDay(day));
}

function counterparty(random: Random): { counterpartyName: string; counterpartyAccount: string } {
  return {
    counterpartyName: chineseName(random, random.chance(0.5)),
    counterpartyAccount: accountNumber(random.int(1, 0x7fff_ffff)),
  };
}
