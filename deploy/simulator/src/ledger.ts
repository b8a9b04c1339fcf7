import type { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { AccountSnapshot as AccountCodec } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { CustomerSnapshot as CustomerCodec } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import type { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import type { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { kinds, toJsonOf } from './messages/encode.ts';
import { type SimulateOptions, withMischief } from './simulate.ts';
import { newestProducts } from './world/catalogue.ts';
import { type BankEvent, historyOf } from './world/history.ts';
import { ratesOf } from './world/rates.ts';
import { placeOf, sourceSystemOf } from './world/systems.ts';
import { type World, worldOf } from './world/world.ts';

export type LedgerTotals = { customers: number; accounts: number; transactions: number; rates: number };
/** The truth about one customer: the newest snapshots and every posting, in the order of posting. */
export type CustomerTruth = {
  customer: CustomerSnapshot;
  accounts: readonly AccountSnapshot[];
  transactions: readonly TransactionPosted[];
};

/**
 * The bank's own books: what must be true after any delivery of its messages, whatever the order, how often, and with
 * whatever broken copies between. Nothing is stored; each answer is made again from the seed, so a ledger of a
 * million customers costs no memory.
 */
export class CoreBank {
  readonly #world: World;

  constructor(options: SimulateOptions) {
    this.#world = worldOf(withMischief(options));
  }

  /** The truth about a customer; undefined where the bank has none of that number. */
  truth(customerSourceId: string): CustomerTruth | undefined {
    const place = placeOf(this.#world, customerSourceId);
    if (place === undefined) return undefined;
    const system = sourceSystemOf(this.#world, place.system);
    return truthsOf(this.#world, place.index).find(({ customer }) => customer.sourceSystem === system);
  }

  /** The newest snapshot of each product. */
  products(): readonly ProductSnapshot[] {
    return newestProducts(this.#world).map(({ value }) => value);
  }

  /** The newest snapshot of a party. */
  customer(sourceId: string): CustomerSnapshot | undefined {
    return this.truth(sourceId)?.customer;
  }

  /** The newest snapshot of an account; its balance is the one to show. */
  account(sourceId: string): AccountSnapshot | undefined {
    return this.truth(sourceId)?.accounts.find((account) => account.sourceId === sourceId);
  }

  /** All postings of an account, oldest first. */
  transactions(accountSourceId: string): readonly TransactionPosted[] {
    return this.truth(accountSourceId)?.transactions.filter((t) => t.accountSourceId === accountSourceId) ?? [];
  }

  /** The truth about every customer of every system, those of one person after one another. */
  *all(): Generator<CustomerTruth> {
    for (let index = 0; index < this.#world.customers; index++) yield* truthsOf(this.#world, index);
  }

  *rates(): Generator<RateQuoted> {
    for (const { value } of ratesOf(this.#world)) yield value;
  }

  /** How many of each there are; walks the whole bank. */
  totals(): LedgerTotals {
    const totals = { customers: 0, accounts: 0, transactions: 0, rates: [...this.rates()].length };
    for (const { accounts, transactions } of this.all()) {
      totals.customers++;
      totals.accounts += accounts.length;
      totals.transactions += transactions.length;
    }
    return totals;
  }

  /** JSON lines: `{"customer": …}` and `{"account": …}` in proto3 JSON, at the end `{"totals": …}`. */
  *lines(): Generator<string> {
    const totals: LedgerTotals = { customers: 0, accounts: 0, transactions: 0, rates: [...this.rates()].length };
    for (const { customer, accounts, transactions } of this.all()) {
      totals.customers++;
      totals.accounts += accounts.length;
      totals.transactions += transactions.length;
      yield line({ customer: toJsonOf(kinds.customer.message, CustomerCodec.encode(customer).finish()) });
      for (const account of accounts)
        yield line({ account: toJsonOf(kinds.account.message, AccountCodec.encode(account).finish()) });
    }
    yield line({ totals });
  }
}

/** The books of the bank that `simulate` would publish for the same options. */
export function ledgerOf(options: SimulateOptions): CoreBank {
  return new CoreBank(options);
}

/** The truth about each of the customers that a person is: one in the core, and one in every other system that knows the person. */
function truthsOf(world: World, index: number): CustomerTruth[] {
  const { events } = historyOf(world, index);
  return world.systems.flatMap((system) => {
    const own = events.filter(({ value }) => value.sourceSystem === sourceSystemOf(world, system));
    return own.length === 0 ? [] : [truthOf(own)];
  });
}

function truthOf(events: readonly BankEvent[]): CustomerTruth {
  let customer: CustomerSnapshot | undefined;
  const accounts = new Map<string, AccountSnapshot>();
  const transactions: TransactionPosted[] = [];
  for (const event of events) {
    if (event.type === 'customer' && event.value.version >= (customer?.version ?? 0n)) customer = event.value;
    else if (event.type === 'account') accounts.set(event.value.sourceId, event.value);
    else if (event.type === 'transaction') transactions.push(event.value);
  }
  return { customer: customer as CustomerSnapshot, accounts: [...accounts.values()], transactions };
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
