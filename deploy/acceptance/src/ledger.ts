import { AccountKind, type AccountSnapshot, AccountState, HolderRole } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { ContactKind, type CustomerSnapshot, CustomerState } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import type { CoreBank } from '@bankcrm/simulator';
import { ledger } from './demo.ts';
import { convert } from './money.ts';

export const bankCurrency = 'CNY';
export const bankZone = 'Asia/Shanghai';

/** A day of the bank, `YYYY-MM-DD`; `days` from today. */
export const bankDay = (days = 0): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: bankZone }).format(Date.now() + days * 86_400_000);

export type Held = { account: AccountSnapshot; role: HolderRole };
/** One customer as the core's own books have it, with every account held, whoever is its first holder. */
export type Truth = { customer: CustomerSnapshot; held: Held[]; transactions: TransactionPosted[] };

/** The books of a bank by customer number. */
export function booksOf(bank: CoreBank): ReadonlyMap<string, Truth> {
  const all = [...bank.all()];
  const books = new Map(
    all.map(({ customer }): [string, Truth] => [customer.sourceId, { customer, held: [], transactions: [] }]),
  );
  for (const { accounts, transactions } of all) {
    const posted = Map.groupBy(transactions, (transaction) => transaction.accountSourceId);
    for (const account of accounts)
      for (const { customerSourceId, role } of account.holders) {
        books.get(customerSourceId)?.held.push({ account, role });
        books.get(customerSourceId)?.transactions.push(...(posted.get(account.sourceId) ?? []));
      }
  }
  return books;
}

export const books = booksOf(ledger);
export const everybody: readonly Truth[] = [...books.values()];

export const isOpen = ({ customer }: Truth): boolean => customer.state !== CustomerState.CLOSED;
export const nameOf = ({ customer }: Truth): string => customer.profile?.value.fullName ?? '';
export const numberOf = ({ customer }: Truth): string => customer.sourceId;
export const idNumberOf = ({ customer }: Truth): string | undefined => customer.identifiers[0]?.value;
export const mobileOf = ({ customer }: Truth): string | undefined =>
  customer.contacts.find(({ kind }) => kind === ContactKind.MOBILE)?.value;
export const birthDateOf = ({ customer }: Truth): string =>
  customer.profile?.$case === 'individual' ? customer.profile.value.birthDate : '';

/** Customers of a relationship manager that lists show. */
export const portfolioOf = (staffNumber: string): Truth[] =>
  everybody.filter((truth) => isOpen(truth) && truth.customer.rmStaffNumber === staffNumber);

/** The newest rate of each currency against the bank's: all are older than today. */
export const rates: ReadonlyMap<string, { rate: string; rateDate: string }> = new Map(
  [...ledger.rates()]
    .sort((a, b) => a.rateDate.localeCompare(b.rateDate))
    .map(({ baseCurrencyCode, rate, rateDate }) => [baseCurrencyCode, { rate, rateDate }]),
);

const assetKinds = new Set<AccountKind>([AccountKind.DEPOSIT, AccountKind.TERM_DEPOSIT, AccountKind.WEALTH, AccountKind.FUND]);
const liabilityKinds = new Set<AccountKind>([AccountKind.LOAN, AccountKind.CREDIT_CARD]);
const owning = new Set<HolderRole>([HolderRole.OWNER, HolderRole.JOINT_OWNER]);

export const ownedBy = ({ held }: Truth): AccountSnapshot[] =>
  held.flatMap(({ account, role }) => (owning.has(role) && account.state === AccountState.ACTIVE ? [account] : []));

/** Whom somebody sees. */
export type Sight = (truth: Truth) => boolean;
export const sightOfManager =
  (staffNumber: string): Sight =>
  ({ customer }) =>
    customer.rmStaffNumber === staffNumber;
export const sightOfHeadOffice: Sight = ({ customer }) => !customer.restricted;

const ownersOf = ({ holders }: AccountSnapshot, bank: typeof books): Truth[] =>
  holders.filter(({ role }) => owning.has(role)).map(({ customerSourceId }) => bank.get(customerSourceId)!);

/** An account is seen through its owners; who signs for it shows only that it is there. */
export const isSeen = (account: AccountSnapshot, sees: Sight, bank = books): boolean => ownersOf(account, bank).some(sees);
/** How many holders a viewer is told of: not those who are restricted, unless the viewer sees them. */
export const holdersKnown = ({ holders }: AccountSnapshot, sees: Sight, bank = books): number =>
  holders.map(({ customerSourceId }) => bank.get(customerSourceId)!).filter((one) => !one.customer.restricted || sees(one))
    .length;

/** What is posted on the accounts in sight, but for those that a restricted customer out of sight owns with another. */
export const postingsSeen = ({ held, transactions }: Truth, sees: Sight, bank = books): TransactionPosted[] => {
  const readable = held.filter(
    ({ account }) => isSeen(account, sees, bank) && ownersOf(account, bank).every((one) => !one.customer.restricted || sees(one)),
  );
  const ids = new Set(readable.map(({ account }) => account.sourceId));
  return transactions.filter(({ accountSourceId }) => ids.has(accountSourceId));
};

export type Position = { assets: bigint; liabilities: bigint };

/** What is owned and owed in each currency, in its minor units: active accounts, as owner or joint owner; cards on an account never count. */
export function positionsOf(truth: Truth): Map<string, Position> {
  const positions = new Map<string, Position>();
  for (const { kind, currencyCode, balance } of ownedBy(truth)) {
    if (!assetKinds.has(kind) && !liabilityKinds.has(kind)) continue;
    const position = positions.get(currencyCode) ?? { assets: 0n, liabilities: 0n };
    if (assetKinds.has(kind)) position.assets += balance?.minorUnits ?? 0n;
    else position.liabilities += balance?.minorUnits ?? 0n;
    positions.set(currencyCode, position);
  }
  return positions;
}

/** In the bank's currency, each currency converted once. */
export function totalsOf(truth: Truth): Position {
  const totals = { assets: 0n, liabilities: 0n };
  for (const [currency, { assets, liabilities }] of positionsOf(truth)) {
    const rate = currency === bankCurrency ? '1' : rates.get(currency)?.rate;
    if (rate === undefined) continue;
    totals.assets += convert(assets, rate);
    totals.liabilities += convert(liabilities, rate);
  }
  return totals;
}
