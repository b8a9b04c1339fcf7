import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { ControlTotals } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import type { Contracts } from './contract.ts';
import { problemOfAccount } from './domain/account-snapshot.ts';
import { problemOfControlTotals } from './domain/control-totals.ts';
import { problemOfCustomer } from './domain/customer-snapshot.ts';
import { problemOfProduct } from './domain/product-snapshot.ts';
import { problemOfRate } from './domain/rate-quoted.ts';
import { problemOfTransaction } from './domain/transaction-posted.ts';

/** A message that core banking sends. */
export type CoreMessage =
  | { kind: 'customer'; message: CustomerSnapshot }
  | { kind: 'account'; message: AccountSnapshot }
  | { kind: 'transaction'; message: TransactionPosted }
  | { kind: 'rate'; message: RateQuoted }
  | { kind: 'product'; message: ProductSnapshot }
  | { kind: 'control'; message: ControlTotals };

// biome-ignore format: a table.
export const coreContracts: Contracts<CoreMessage> = {
  customer: { kind: 'customer', eventType: 'corebanking.customer-snapshot.v1', messageName: 'corebanking.v1.CustomerSnapshot', read: CustomerSnapshot.decode, check: problemOfCustomer, keyOf: (m) => m.sourceId },
  account: { kind: 'account', eventType: 'corebanking.account-snapshot.v1', messageName: 'corebanking.v1.AccountSnapshot', read: AccountSnapshot.decode, check: problemOfAccount, keyOf: (m) => m.holders[0]?.customerSourceId ?? '' },
  transaction: { kind: 'transaction', eventType: 'corebanking.transaction-posted.v1', messageName: 'corebanking.v1.TransactionPosted', read: TransactionPosted.decode, check: problemOfTransaction, keyOf: (m) => m.customerSourceId },
  rate: { kind: 'rate', eventType: 'corebanking.rate-quoted.v1', messageName: 'corebanking.v1.RateQuoted', read: RateQuoted.decode, check: problemOfRate, keyOf: (m) => `${m.baseCurrencyCode}/${m.quoteCurrencyCode}` },
  product: { kind: 'product', eventType: 'corebanking.product-snapshot.v1', messageName: 'corebanking.v1.ProductSnapshot', read: ProductSnapshot.decode, check: problemOfProduct, keyOf: (m) => m.productCode },
  control: { kind: 'control', eventType: 'corebanking.control-totals.v1', messageName: 'corebanking.v1.ControlTotals', read: ControlTotals.decode, check: problemOfControlTotals, keyOf: (m) => m.sourceSystem },
};

/** Topics of what core banking knows, by what they carry. */
export const coreTopics = {
  customers: 'corebanking.customers.v1',
  accounts: 'corebanking.accounts.v1',
  transactions: 'corebanking.transactions.v1',
  rates: 'corebanking.rates.v1',
  products: 'corebanking.products.v1',
} as const;

/** What sources have counted, for the reconcile. */
export const controlTopic = 'corebanking.control.v1';

export const coreKindByTopic: ReadonlyMap<string, CoreMessage['kind']> = new Map([
  [coreTopics.customers, 'customer'],
  [coreTopics.accounts, 'account'],
  [coreTopics.transactions, 'transaction'],
  [coreTopics.rates, 'rate'],
  [coreTopics.products, 'product'],
  [controlTopic, 'control'],
]);
