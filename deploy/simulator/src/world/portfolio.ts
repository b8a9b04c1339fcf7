import { AccountKind, AccountState, HolderRole } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { type Day, formatDay } from '../calendar.ts';
import { catalogue, onSale, type Product } from '../data/catalogue.ts';
import { accountNumber, cardNumber } from '../numbers/luhn.ts';
import { type Random, scatter, weighted } from '../random.ts';
import { type Account, amount, newAccount } from './account.ts';
import { type Customer, isOrganisation } from './customer.ts';
import { limit } from './limits.ts';
import { customerSourceId, sourceSystemOf, systemFor } from './systems.ts';
import { randomFor, type World } from './world.ts';

/** A loan is not written off before half a year without a payment. */
const WRITE_OFF_DAYS = 180;
/** Slots per customer in the number space of accounts and cards. */
const SLOTS = 32;
const foreign = weighted([
  ['USD', 60],
  ['HKD', 25],
  ['EUR', 15],
] as const);

/** The accounts a customer has when the window begins (or when the relation begins inside it). */
export function portfolioOf(world: World, customer: Customer): Account[] {
  const random = randomFor(world, 'portfolio', customer.index);
  const open = opener(world, customer);
  const gone = customer.closeDay !== undefined;
  const share = (low: number, high: number) => Math.round(customer.wealth * (low + random.unit() * (high - low)));
  const dormant = !gone && random.chance(0.03);
  const main = open(customer.organisation ? 'D11' : 'D01', share(0.05, 0.4), { dormant, frozen: !gone && random.chance(0.005) });
  const accounts = [main, ...cardsOn(main, open, random, customer)];
  if (gone) return endedBefore(world, customer, accounts);
  addHolders(world, customer, main, random);
  const rich = customer.snapshot.segment === 'wealth' || customer.snapshot.segment === 'private-banking';
  if (random.chance(customer.organisation ? 0.5 : 0.1))
    accounts.push(open(customer.organisation ? 'D12' : 'D02', share(0.02, 0.2)));
  if (random.chance(customer.organisation ? 0.15 : rich ? 0.15 : 0.03)) {
    const currencyCode = random.draw(foreign);
    accounts.push(open(`D9-${currencyCode}`, Math.round(share(0.02, 0.15) / 7), { currencyCode }));
  }
  const deposits = random.chance(rich ? 0.7 : 0.25) ? random.int(1, rich ? 3 : 1) : 0;
  for (let i = 0; i < deposits; i++) accounts.push(termDeposit(world, customer, random, open, roundTo(share(0.1, 0.3), 100_000)));
  if (random.chance(rich ? 0.6 : 0.12))
    accounts.push(wealthProduct(world, customer, random, open, roundTo(share(0.1, 0.4), 1_000_000)));
  if (random.chance(rich ? 0.4 : 0.08))
    accounts.push(open(onSale(AccountKind.FUND, formatDay(customer.openDay), random.int(1, 40)).code, share(0.03, 0.2)));
  for (const loan of loansOf(world, customer, random, open)) accounts.push(loan);
  if (!customer.organisation && random.chance(0.3)) {
    const line = roundTo(customer.monthlyIncome * random.int(1, 5), 100_000);
    accounts.push(open(creditCardOf(customer), Math.round(line * random.unit() * 0.4), { creditLimit: amount('CNY', line) }));
  }
  return accounts;
}

/** Opens an account of a product in the system that keeps its kind. */
type Open = (productCode: string, balance: number, more?: Partial<Account['base']>) => Account;

function opener(world: World, customer: Customer): Open {
  let slot = 0;
  return (productCode, balance, more = {}) => {
    slot++;
    const { kind, zh: productName } = catalogue.get(productCode) as Product;
    const system = systemFor(world, kind);
    const holder = customerSourceId(customer.index, system);
    const serial = customer.index * SLOTS + slot;
    const number =
      kind === AccountKind.DEBIT_CARD
        ? cardNumber('999021', scatter(serial, 999_999_999_989, world.seed), 19)
        : kind === AccountKind.CREDIT_CARD
          ? cardNumber('999051', scatter(serial, 999_999_937, world.seed), 16)
          : accountNumber(scatter(serial, 99_999_999_999_973, world.seed));
    const account = newAccount(
      {
        sourceSystem: sourceSystemOf(world, system),
        sourceId: `${holder}-${String(slot).padStart(2, '0')}`,
        kind,
        number,
        productCode,
        productName,
        openDate: formatDay(customer.openDay),
        branchCode: customer.branch.code,
        ...more,
      },
      holder,
      // Whoever joins inside the window begins with what is paid in on the first day.
      Math.max(balance, 0),
    );
    if (customer.closeDay === undefined) limit(world, customer, account, slot);
    if (kind === AccountKind.CREDIT_CARD) fallBehind(world, customer, account);
    return account;
  };
}

function cardsOn(main: Account, open: Open, random: Random, customer: Customer): Account[] {
  if (customer.organisation || random.chance(0.1)) return [];
  return [open('K01', 0, { linkedAccountSourceId: main.base.sourceId })];
}

/** Couples share accounts; companies name people who may sign. Both are customers of the bank at nearby positions. */
function addHolders(world: World, customer: Customer, main: Account, random: Random): void {
  const role = customer.organisation ? HolderRole.AUTHORISED_SIGNER : HolderRole.JOINT_OWNER;
  const wanted = customer.organisation ? random.int(1, 2) : random.chance(0.06) ? 1 : 0;
  let distance = random.int(1, 40);
  for (let found = 0, tries = 0; found < wanted && tries < 20; tries++, distance++) {
    const index = (customer.index + distance) % world.customers;
    if (index === customer.index || isOrganisation(world, index)) continue;
    main.base.holders.push({ customerSourceId: customerSourceId(index), role });
    found++;
  }
}

function creditCardOf({ snapshot }: Customer): string {
  return snapshot.segment === 'private-banking' ? 'C03' : snapshot.segment === 'wealth' ? 'C02' : 'C01';
}

/** One card in thirty is not paid; only what is owed can be past due. */
function fallBehind(world: World, customer: Customer, card: Account): void {
  const random = randomFor(world, 'late', customer.index);
  if (card.balance > 0 && random.chance(1 / 30)) card.base.daysPastDue = pastDue(world, customer.openDay, random.int(1, 90));
}

/** Nothing is due in the first month. */
function pastDue(world: World, opened: Day, days: number): number {
  return Math.max(0, Math.min(days, world.start - opened - 30));
}

function termDeposit(world: World, customer: Customer, random: Random, open: Open, balance: number): Account {
  const termDays = random.pick([91, 182, 365, 730, 1_095]);
  const remaining = random.chance(0.2) ? random.int(1, 30) : random.int(1, termDays);
  // Some mature inside the window: the principal goes back to the current account.
  const maturity = (random.chance(0.15) ? world.start : world.until) + remaining;
  return open(`T${termDays}`, balance, {
    openDate: formatDay(Math.max(customer.openDay, maturity - termDays)),
    maturityDate: formatDay(maturity),
    annualRateMicros: BigInt(termDays < 300 ? 12_500 : termDays < 700 ? 15_000 : 19_000),
  });
}

function wealthProduct(world: World, customer: Customer, random: Random, open: Open, balance: number): Account {
  const maturityDate = random.chance(0.4) ? '' : formatDay(world.until + random.int(1, 365));
  return open(onSale(AccountKind.WEALTH, formatDay(customer.openDay), random.int(100, 199)).code, balance, {
    maturityDate,
    annualRateMicros: BigInt(random.int(22, 38) * 1_000),
  });
}

function loansOf(world: World, customer: Customer, random: Random, open: Open): Account[] {
  const loans: Account[] = [];
  const lend = (code: string, principal: number, years: number, rateMicros: number) => {
    const started: Day = Math.max(customer.openDay, world.start - random.int(30, Math.round(years * 300)));
    const paid = (world.start - started) / (years * 365.25);
    const late = random.chance(0.02);
    const writtenOff = late && random.chance(0.15) && world.start - started > WRITE_OFF_DAYS + 210;
    loans.push(
      open(code, Math.round(principal * Math.max(0.02, 1 - Math.max(0, paid))), {
        principal: amount('CNY', principal),
        annualRateMicros: BigInt(rateMicros),
        openDate: formatDay(started),
        maturityDate: formatDay(started + Math.round(years * 365.25)),
        daysPastDue: late ? pastDue(world, started, random.int(1, 180)) + (writtenOff ? WRITE_OFF_DAYS : 0) : 0,
        state: writtenOff ? AccountState.WRITTEN_OFF : AccountState.ACTIVE,
      }),
    );
  };
  const income = customer.monthlyIncome;
  if (customer.organisation) {
    if (random.chance(0.4))
      lend('L30', roundTo(income * random.int(2, 12), 1_000_000), random.int(1, 3), random.int(34, 52) * 1_000);
  } else {
    if (random.chance(0.15)) lend('L10', roundTo(income * random.int(60, 150), 1_000_000), 30, random.int(31, 45) * 1_000);
    if (random.chance(0.08)) lend('L20', roundTo(income * random.int(3, 12), 100_000), 3, random.int(38, 72) * 1_000);
  }
  return loans;
}

/** Relations that ended before the window have nothing left; those that end inside it are emptied on that day. */
function endedBefore(world: World, customer: Customer, accounts: Account[]): Account[] {
  const closeDay = customer.closeDay as Day;
  if (closeDay >= world.start) return accounts;
  for (const account of accounts) {
    account.balance = 0;
    account.base.state = AccountState.CLOSED;
    account.base.closeDate = formatDay(closeDay);
  }
  return accounts;
}

function roundTo(value: number, step: number): number {
  return Math.max(step, Math.round(value / step) * step);
}
