import {
  AccountKind,
  type AccountSnapshot,
  AccountState,
  type Holder,
  HolderRole,
} from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { cardNumber } from '@bankcrm/simulator';
import { clientSourceId } from './customers.ts';
import { dataEnd, loanStateOf } from './loan.ts';
import { sourceSystem } from './source-system.ts';
import type { Row } from './tables.ts';
import { czk, isoDate } from './values.ts';

export const accountSourceId = (accountId: string) => `account-${accountId}`;

/** How often the bank sends a statement: the set's only word on the product. */
const statements: Readonly<Record<string, string>> = {
  'POPLATEK MESICNE': 'monthly-statement',
  'POPLATEK TYDNE': 'weekly-statement',
  'POPLATEK PO OBRATU': 'statement-after-turnover',
};

type Common = Pick<
  AccountSnapshot,
  'sourceId' | 'kind' | 'number' | 'productCode' | 'productName' | 'openDate' | 'holders' | 'branchCode'
>;

function snapshot(fields: Common & Partial<AccountSnapshot>): AccountSnapshot {
  return {
    sourceSystem,
    version: 1n,
    updateTime: new Date(`${dataEnd}T00:00:00Z`),
    repair: false,
    state: AccountState.ACTIVE,
    currencyCode: 'CZK',
    balance: undefined,
    availableBalance: undefined,
    creditLimit: undefined,
    principal: undefined,
    annualRateMicros: 0n,
    maturityDate: '',
    closeDate: '',
    frozen: false,
    dormant: false,
    daysPastDue: 0,
    linkedAccountSourceId: '',
    limits: [],
    ...fields,
  };
}

/** Those of a `disp` list: the owner first, as the contract wants the primary holder. */
export function holdersOf(disps: readonly Row<'disp'>[]): Holder[] {
  const role = (disp: Row<'disp'>) => (disp.type === 'OWNER' ? HolderRole.OWNER : HolderRole.AUTHORISED_SIGNER);
  return disps
    .map((disp) => ({ customerSourceId: clientSourceId(disp.client_id), role: role(disp) }))
    .sort((a, b) => a.role - b.role);
}

/** A current account. `balance` is the newest row's; undefined where the excerpt has no transaction: then it is not known. */
export function accountOf(
  row: Row<'account'>,
  holders: Holder[],
  branchCode: string,
  balance: bigint | undefined,
): AccountSnapshot {
  const product = statements[row.frequency] ?? row.frequency;
  return snapshot({
    sourceId: accountSourceId(row.account_id),
    kind: AccountKind.DEPOSIT,
    number: `2000${row.account_id.padStart(12, '0')}`,
    productCode: product,
    productName: 'Běžný účet',
    balance: balance === undefined ? undefined : czk(balance),
    openDate: isoDate(row.date),
    holders,
    branchCode,
  });
}

export function loanOf(row: Row<'loan'>, owner: Holder, branchCode: string): AccountSnapshot {
  const { principal, balance, ...state } = loanStateOf(row);
  return snapshot({
    sourceId: `loan-${row.loan_id}`,
    kind: AccountKind.LOAN,
    number: `3000${row.loan_id.padStart(12, '0')}`,
    productCode: `loan-${row.duration}`,
    productName: 'Úvěr',
    ...state,
    principal: czk(principal),
    balance: czk(balance),
    holders: [owner],
    branchCode,
  });
}

/** A card draws on its account; the account's balance is the one that counts. */
export function cardOf(row: Row<'card'>, holder: Holder, accountId: string, branchCode: string): AccountSnapshot {
  return snapshot({
    sourceId: `card-${row.card_id}`,
    kind: AccountKind.DEBIT_CARD,
    number: cardNumber('999042', Number(row.card_id), 16),
    productCode: row.type,
    productName: `Karta ${row.type}`,
    openDate: isoDate(row.issued),
    holders: [{ ...holder, role: HolderRole.OWNER }],
    branchCode,
    linkedAccountSourceId: accountSourceId(accountId),
  });
}
