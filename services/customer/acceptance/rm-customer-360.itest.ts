import { listCustomers, view360 } from '@bankcrm/acceptance/api.ts';
import { as, type Person } from '@bankcrm/acceptance/client.ts';
import {
  books,
  holdersKnown,
  isSeen,
  nameOf,
  positionsOf,
  postingsSeen,
  rates,
  type Sight,
  sightOfHeadOffice,
  sightOfManager,
  type Truth,
  totalsOf,
} from '@bankcrm/acceptance/ledger.ts';
import { minorOf } from '@bankcrm/acceptance/money.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { AccountKind, AccountState, HolderRole } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { KycState } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { beforeAll, describe, expect, it } from 'vitest';

const kinds: Partial<Record<AccountKind, string>> = {
  [AccountKind.DEPOSIT]: 'deposit',
  [AccountKind.TERM_DEPOSIT]: 'term-deposit',
  [AccountKind.WEALTH]: 'wealth',
  [AccountKind.FUND]: 'fund',
  [AccountKind.LOAN]: 'loan',
  [AccountKind.CREDIT_CARD]: 'credit-card',
  [AccountKind.DEBIT_CARD]: 'debit-card',
};
const roles: Partial<Record<HolderRole, string>> = {
  [HolderRole.OWNER]: 'owner',
  [HolderRole.JOINT_OWNER]: 'joint-owner',
  [HolderRole.AUTHORISED_SIGNER]: 'authorised-signer',
};
const kycStates: Partial<Record<KycState, string>> = {
  [KycState.COMPLETE]: 'complete',
  [KycState.DUE]: 'due',
  [KycState.OVERDUE]: 'overdue',
  [KycState.REFUSED]: 'refused',
};

let rm: Person;
/** The whole portfolio, so that every kind of holding is among it; and head office's view of who holds foreign currency or shares accounts. */
let viewers: { person: Person; sees: Sight; name: string; truth: Truth }[];

beforeAll(async () => {
  rm = await as(people.rm);
  const hq = await as(people.hqManager);
  const mine = (await listCustomers(rm)).map(({ name, primaryNumber }) => ({
    person: rm,
    sees: sightOfManager(people.rm),
    name,
    truth: books.get(primaryNumber)!,
  }));
  const special = (await listCustomers(hq))
    .flatMap(({ name, primaryNumber }) => [{ person: hq, sees: sightOfHeadOffice, name, truth: books.get(primaryNumber) }])
    .flatMap((viewer) => (viewer.truth ? [{ ...viewer, truth: viewer.truth }] : []))
    .filter(({ truth }) =>
      truth.held.some(({ account, role }) => account.currencyCode !== 'CNY' || role !== HolderRole.OWNER || account.frozen),
    );
  viewers = [...mine, ...special.slice(0, 30)];
});

describe('customer 360', () => {
  it('has every holding of the ledger with its number masked, its balance, flags and part, and where it comes from and when', async () => {
    const foreign = viewers.filter(({ truth }) => truth.held.some(({ account }) => account.currencyCode !== 'CNY'));
    const shared = viewers.filter(({ truth }) => truth.held.some(({ role }) => role === HolderRole.JOINT_OWNER));
    const signed = viewers.filter(({ sees, truth }) => truth.held.some(({ account }) => !isSeen(account, sees)));
    expect(foreign.length * shared.length * signed.length).toBeGreaterThan(0);
    for (const { person, sees, name, truth } of viewers) {
      const { holdings, holdingsTruncated } = await view360(person, name);
      expect(holdingsTruncated).toBe(false);
      const shown = holdings
        .filter((holding) => holding.state === 'active')
        .map((holding) => ({
          kind: holding.kind,
          number: holding.maskedNumber,
          product: holding.productName,
          currency: holding.currencyCode,
          balance: minorOf(holding.balance),
          available: minorOf(holding.availableBalance),
          limit: minorOf(holding.creditLimit),
          rate: holding.annualRateMicros,
          maturity: holding.maturityDate,
          frozen: holding.frozen,
          dormant: holding.dormant,
          role: holding.role,
          holders: holding.holderCount,
          source: holding.sourceSystem,
          sourceTime: holding.sourceTime,
        }));
      const expected = truth.held
        .filter(({ account }) => account.state === AccountState.ACTIVE)
        .map(({ account, role }) => {
          const seen = isSeen(account, sees);
          return {
            kind: kinds[account.kind],
            number: `************${account.number.slice(-4)}`,
            product: account.productName,
            currency: seen ? account.currencyCode : '',
            balance: seen ? account.balance?.minorUnits : undefined,
            available: seen ? account.availableBalance?.minorUnits : undefined,
            limit: seen ? account.creditLimit?.minorUnits : undefined,
            rate: seen ? account.annualRateMicros : 0n,
            maturity: seen ? account.maturityDate : '',
            frozen: seen && account.frozen,
            dormant: seen && account.dormant,
            role: roles[role],
            holders: holdersKnown(account, sees),
            source: account.sourceSystem,
            sourceTime: seen ? account.updateTime : undefined,
          };
        });
      const order = (a: { kind: string | undefined; number: string }, b: typeof a) =>
        `${a.kind}${a.number}`.localeCompare(`${b.kind}${b.number}`);
      expect(shown.sort(order), name).toEqual(expected.sort(order));
    }
  });

  it('adds assets, liabilities and net up as the ledger does, by currency and in the currency of the bank', async () => {
    for (const { person, name, truth } of viewers) {
      const { panorama } = await view360(person, name);
      const totals = totalsOf(truth);
      expect(minorOf(panorama?.totalAssets), name).toBe(totals.assets);
      expect(minorOf(panorama?.totalLiabilities), name).toBe(totals.liabilities);
      expect(minorOf(panorama?.totalNet), name).toBe(totals.assets - totals.liabilities);
      const shown = panorama?.byCurrency.map(({ currencyCode, assets, liabilities, net }) => ({
        currencyCode,
        assets: minorOf(assets),
        liabilities: minorOf(liabilities),
        net: minorOf(net),
      }));
      const expected = [...positionsOf(truth)].map(([currencyCode, { assets, liabilities }]) => ({
        currencyCode,
        assets,
        liabilities,
        net: assets - liabilities,
      }));
      expect(new Set(shown), name).toEqual(new Set(expected));
    }
  });

  it('names the rate of a foreign currency and its date', async () => {
    const { person, name } = viewers.find(({ truth }) => [...positionsOf(truth).keys()].some((currency) => currency !== 'CNY'))!;
    const { panorama } = await view360(person, name);
    const foreign = panorama!.byCurrency.filter(({ currencyCode }) => currencyCode !== 'CNY');
    expect(foreign.length).toBeGreaterThan(0);
    for (const { currencyCode, rate, rateDate } of foreign) {
      expect(Number(rate)).toBe(Number(rates.get(currencyCode)?.rate));
      expect(rateDate).toBe(rates.get(currencyCode)?.rateDate);
    }
    expect(panorama?.rateDate).toBe(rates.get(foreign[0]!.currencyCode)?.rateDate);
  });

  it('shows the newest twenty transactions of the accounts, the newest first', async () => {
    for (const { person, sees, name, truth } of viewers.slice(0, 12)) {
      const { recentTransactions } = await view360(person, name);
      const newest = postingsSeen(truth, sees)
        .toSorted((a, b) => b.postTime!.getTime() - a.postTime!.getTime())
        .slice(0, 20)
        .map(({ postTime }) => postTime!.toISOString());
      expect(
        recentTransactions.map(({ postTime }) => postTime?.toISOString()),
        name,
      ).toEqual(newest);
    }
  });

  it('has the profile and KYC of the newest snapshot, and says for each field where it comes from and when', async () => {
    for (const { person, name, truth } of viewers.slice(0, 12)) {
      const { customer, fieldSources, dataAsOf } = await view360(person, name);
      const { profile, kyc, segment, homeBranchCode, updateTime } = truth.customer;
      expect(customer).toMatchObject({ name, fullName: nameOf(truth), segment, homeOrgUnitCode: homeBranchCode });
      expect(customer?.numbers).toEqual([{ sourceSystem: 'core', sourceId: truth.customer.sourceId }]);
      expect(customer?.kyc).toMatchObject({
        state: kycStates[kyc!.state],
        riskRating: kyc?.riskRating,
        nextReviewDate: kyc?.nextReviewDate,
      });
      if (profile?.$case === 'individual')
        expect(customer?.individual).toMatchObject({ birthDate: profile.value.birthDate, occupation: profile.value.occupation });
      expect(fieldSources.find(({ field }) => field === 'full_name')).toEqual({
        field: 'full_name',
        source: 'core',
        sourceTime: updateTime,
        conflicting: false,
      });
      for (const value of [...customer!.identifiers, ...customer!.contacts, ...customer!.addresses])
        expect(value).toMatchObject({ source: 'core', sourceTime: updateTime });
      expect(dataAsOf?.getTime()).toBeGreaterThanOrEqual(updateTime!.getTime());
    }
  });

  it('shows phones, ID numbers and addresses masked', async () => {
    for (const { person, name, truth } of viewers.slice(0, 12)) {
      const view = await view360(person, name);
      const text = JSON.stringify(view, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
      const { contacts, identifiers, addresses } = truth.customer;
      for (const { value } of [...contacts, ...identifiers]) expect(text).not.toContain(value);
      for (const { line } of addresses) expect(text).not.toContain(line);
      for (const { account } of truth.held) expect(text).not.toContain(account.number);
      expect(view.customer?.identifiers.length).toBe(identifiers.length);
      expect(view.customer?.contacts.length).toBe(contacts.length);
      const mobile = contacts.find(({ value }) => /^1\d{10}$/.test(value))?.value;
      if (mobile)
        expect(view.customer?.contacts.map(({ masked }) => masked)).toContain(`${mobile.slice(0, 3)}****${mobile.slice(7)}`);
    }
  });
});
