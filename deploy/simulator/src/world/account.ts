import { AccountKind, type AccountSnapshot, AccountState, HolderRole } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { Amount } from '@bankcrm/proto/gen/corebanking/v1/common.ts';

/** A working account: the fixed part of its snapshots and what postings move. Amounts are whole minor units. */
export type Account = {
  readonly base: Omit<AccountSnapshot, 'version' | 'updateTime' | 'balance' | 'availableBalance'>;
  balance: number;
  /** Number of the last posting; the next one has the next number. */
  sequence: number;
  /** Grows with every change, so that versions of published snapshots have gaps, as those of real cores do. */
  version: number;
};

/** Kinds on which the balance is what the customer owes; postings move it the other way round. */
export function isOwed(kind: AccountKind): boolean {
  return kind === AccountKind.LOAN || kind === AccountKind.CREDIT_CARD;
}

export function amount(currencyCode: string, minorUnits: number): Amount {
  return { currencyCode, minorUnits: BigInt(minorUnits) };
}

/** The account's full state as a message. A debit card has no balance of its own: its linked account's counts. */
export function snapshotOf(account: Account, at: Date): AccountSnapshot {
  const { base } = account;
  const currency = base.currencyCode;
  const card = base.kind === AccountKind.DEBIT_CARD;
  return {
    ...base,
    version: BigInt(account.version),
    updateTime: at,
    balance: card ? undefined : amount(currency, account.balance),
    availableBalance: available(account),
  };
}

function available({ base, balance }: Account): Amount | undefined {
  if (base.kind === AccountKind.DEPOSIT) return amount(base.currencyCode, base.frozen ? 0 : balance);
  if (base.kind !== AccountKind.CREDIT_CARD || !base.creditLimit) return undefined;
  return amount(base.currencyCode, Math.max(0, Number(base.creditLimit.minorUnits) - balance));
}

/** A new account without anything special; `fields` says what differs. */
export function newAccount(
  fields: Pick<
    AccountSnapshot,
    'sourceSystem' | 'sourceId' | 'kind' | 'number' | 'productCode' | 'productName' | 'openDate' | 'branchCode'
  > &
    Partial<AccountSnapshot>,
  holder: string,
  balance: number,
): Account {
  return {
    base: {
      repair: false,
      state: AccountState.ACTIVE,
      currencyCode: 'CNY',
      creditLimit: undefined,
      principal: undefined,
      annualRateMicros: 0n,
      maturityDate: '',
      closeDate: '',
      frozen: false,
      dormant: false,
      daysPastDue: 0,
      holders: [{ customerSourceId: holder, role: HolderRole.OWNER }],
      linkedAccountSourceId: '',
      limits: [],
      ...fields,
    },
    balance,
    sequence: 0,
    version: 1,
  };
}

/** Ends an account; whoever calls it has brought the balance to zero. */
export function close(account: Account, date: string): void {
  account.base.state = AccountState.CLOSED;
  account.base.closeDate = date;
  account.version++;
}
