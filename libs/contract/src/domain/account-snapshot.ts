import type {
  AccountSnapshot,
  AccountState,
  TransactionLimit,
  AccountKind as WireKind,
} from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { bankCode, capitalCode, smallCode } from './codes.ts';
import { isBefore, type Tidied } from './flags.ts';
import {
  type Check,
  checkAmount,
  checkCurrency,
  checkEach,
  checkEnum,
  checkId,
  checkSourceSystem,
  checkTime,
  checkVersion,
  invalidField,
} from './problem.ts';
import { maxCodeLength, maxNameLength, Tidying } from './tidying.ts';

/** Why an account snapshot cannot be applied; undefined when it can. All its amounts are in its one currency. */
export function problemOfAccount(snapshot: AccountSnapshot): Check {
  const { currencyCode } = snapshot;
  return (
    checkSourceSystem(snapshot.sourceSystem) ??
    checkId(snapshot.sourceId, 'source_id') ??
    checkVersion(snapshot.version) ??
    checkTime(snapshot.updateTime, 'update_time') ??
    checkEnum(snapshot.kind, 7, 'kind') ??
    checkEnum(snapshot.state, 3, 'state') ??
    checkCurrency(currencyCode, 'currency_code') ??
    checkAmount(snapshot.balance, currencyCode, 'balance') ??
    checkAmount(snapshot.availableBalance, currencyCode, 'available_balance') ??
    checkAmount(snapshot.creditLimit, currencyCode, 'credit_limit') ??
    checkAmount(snapshot.principal, currencyCode, 'principal') ??
    (snapshot.linkedAccountSourceId === '' ? undefined : checkId(snapshot.linkedAccountSourceId, 'linked_account_source_id')) ??
    (snapshot.holders.length === 0 ? invalidField('holders') : undefined) ??
    checkEach(
      snapshot.holders,
      'holders',
      (holder, path) =>
        checkId(holder.customerSourceId, `${path}.customer_source_id`) ?? checkEnum(holder.role, 3, `${path}.role`),
    )
  );
}

/** A checked snapshot as it is shown: texts clean and cut, codes as they are looked up, and empty what cannot be. */
export function tidyAccount(received: AccountSnapshot): Tidied<AccountSnapshot> {
  const tidy = new Tidying();
  const snapshot: AccountSnapshot = {
    ...received,
    number: tidy.key(received.number),
    productCode: tidy.key(received.productCode, maxCodeLength, bankCode),
    productName: tidy.text(received.productName, maxNameLength),
    currencyCode: capitalCode(received.currencyCode),
    openDate: tidy.date(received.openDate),
    maturityDate: tidy.date(received.maturityDate),
    closeDate: tidy.date(received.closeDate),
    branchCode: tidy.key(received.branchCode, maxCodeLength, capitalCode),
    daysPastDue: tidy.whole(received.daysPastDue, 0, maxDaysPastDue, 'DAYS_PAST_DUE_INVALID'),
    limits: tidyLimits(received.limits, tidy),
  };
  const { openDate, maturityDate, closeDate } = snapshot;
  tidy.flag('DATE_IMPLAUSIBLE', isBefore(maturityDate, openDate) || isBefore(closeDate, openDate));
  return { snapshot, oddities: tidy.oddities.sort() };
}

/** A hundred years. */
const maxDaysPastDue = 36_525;

/** Most limits of an account, from the contract. */
const maxLimits = 20;

/** One of each kind and channel: the first. What names no kind or cannot be an amount is left out. */
function tidyLimits(received: readonly TransactionLimit[], tidy: Tidying): TransactionLimit[] {
  const limits = new Map<string, TransactionLimit>();
  for (const one of tidy.elements(received, maxLimits)) {
    const [kind, channel] = [tidy.code(one.kind, smallCode), tidy.code(one.channel, smallCode)];
    const limit = tidy.amount(one.limit);
    const isKept = kind !== '' && limit !== undefined && limit.minorUnits >= 0n && !limits.has(`${kind} ${channel}`);
    tidy.flag('VALUE_LEFT_OUT', !isKept);
    if (isKept) limits.set(`${kind} ${channel}`, { kind, channel, limit });
  }
  return [...limits.values()];
}

/** In the order of the contract's numbers, the first being 1. */
export const accountKinds = ['deposit', 'term-deposit', 'wealth', 'fund', 'loan', 'credit-card', 'debit-card'] as const;
export type AccountKind = (typeof accountKinds)[number];

type KnownState = 'active' | 'closed' | 'written-off';
const states: readonly (KnownState | undefined)[] = [undefined, 'active', 'closed', 'written-off'];

/** The kind's name of a checked snapshot. */
export const accountKind = (kind: WireKind): AccountKind => accountKinds[kind - 1]!;
export const accountState = (state: AccountState): KnownState => states[state]!;

/** Kinds whose balance is the holder's wealth, and kinds whose balance is owed. A debit card only leads to an account that already counts. */
export const assetKinds: readonly AccountKind[] = ['deposit', 'term-deposit', 'wealth', 'fund'];
export const liabilityKinds: readonly AccountKind[] = ['loan', 'credit-card'];

/** Roles whose balance counts for the holder: owner and joint owner, each in full; an authorised signer owns nothing. */
export const owningRoles: readonly number[] = [1, 2];
