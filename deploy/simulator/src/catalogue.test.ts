import { AccountKind, AccountSnapshot, AccountState } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { Direction, TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { describe, expect, it } from 'vitest';
import { ledgerOf, simulate } from './index.ts';

const options = { customers: 1_500, seed: 7, months: 2 };
const messages = [...simulate(options)];
const sent = <T>(topic: string, codec: { decode(bytes: Uint8Array): T }): T[] =>
  messages.filter((message) => message.topic === `corebanking.${topic}.v1`).map(({ value }) => codec.decode(value));
const products = sent('products', ProductSnapshot);
const accounts = sent('accounts', AccountSnapshot);
const newestProducts = new Map(products.map((product) => [product.productCode, product]));

describe('the catalogue', () => {
  it('comes before the first customer, small, keyed by code, and ends as the ledger says', () => {
    const topics = messages.map(({ topic }) => topic);
    expect(topics.lastIndexOf('corebanking.products.v1')).toBeLessThan(topics.indexOf('corebanking.customers.v1'));
    expect(newestProducts.size).toBeLessThanOrEqual(60);
    for (const message of messages.filter(({ topic }) => topic === 'corebanking.products.v1'))
      expect(message.key).toBe(ProductSnapshot.decode(message.value).productCode);
    expect([...newestProducts.values()]).toEqual(ledgerOf(options).products());
  });

  it('has names in both languages, risk levels where there is one to take, and products no longer sold', () => {
    for (const { displayNameZh, displayNameEn, kind, riskLevel, line } of products) {
      expect(displayNameZh).toMatch(/\p{Script=Han}/u);
      expect(displayNameEn).toMatch(/^[A-Za-z0-9 ,]+$/);
      expect(['retail', 'corporate', 'wealth', 'card']).toContain(line);
      expect(riskLevel).toMatch(kind === AccountKind.WEALTH || kind === AccountKind.FUND ? /^R[1-5]$/ : /^$/);
    }
    const ended = [...newestProducts.values()].filter(({ saleEndDate }) => saleEndDate !== '' && saleEndDate < '2026-10-31');
    expect(ended.length).toBeGreaterThan(10);
    for (const { productCode, version, saleStartDate, saleEndDate } of ended) {
      expect([productCode, version]).toEqual([productCode, 2n]);
      expect(saleStartDate < saleEndDate).toBe(true);
    }
  });

  it('has every account’s product, of its kind and by its name, sold when the wealth account was opened', () => {
    for (const { productCode, productName, kind, openDate } of accounts) {
      const product = newestProducts.get(productCode) as ProductSnapshot;
      expect([productCode, product.kind, product.displayNameZh]).toEqual([productCode, kind, productName]);
      if (kind !== AccountKind.WEALTH && kind !== AccountKind.FUND) continue;
      expect(product.saleStartDate <= openDate && (product.saleEndDate === '' || openDate <= product.saleEndDate)).toBe(true);
    }
    const old = accounts.filter(({ productCode }) => newestProducts.get(productCode)?.saleEndDate !== '');
    expect(old.length).toBeGreaterThan(10);
  });
});

describe('credit', () => {
  const people = sent('customers', CustomerSnapshot).flatMap(({ profile }) =>
    profile?.$case === 'individual' ? [profile.value] : [],
  );

  it('has a score from 1 to 1,000 with its grade, better grades for better scores, and neither for some', () => {
    const rank = ['AAA', 'AA', 'A', 'BBB', 'BB', 'B', 'C', 'D'];
    const rated = people.filter(({ creditScore }) => creditScore !== 0).sort((a, b) => b.creditScore - a.creditScore);
    const ranks = rated.map(({ creditGrade }) => rank.indexOf(creditGrade));
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    expect(ranks).not.toContain(-1);
    expect(Math.max(...rated.map(({ creditScore }) => creditScore))).toBeLessThanOrEqual(1_000);
    const none = people.filter(({ creditScore }) => creditScore === 0);
    expect(none.every(({ creditGrade }) => creditGrade === '')).toBe(true);
    // Binomial(1,350, 0.1): 135 ± 5 standard deviations of 11, versions of a customer beside.
    expect(Math.abs(none.length / people.length - 0.1)).toBeLessThan(0.045);
  });
});

describe('what is past due', () => {
  it('is owed, grows with the months and is on some loans and cards only', () => {
    const late = accounts.filter(({ daysPastDue }) => daysPastDue > 0);
    expect(new Set(late.map(({ kind }) => kind))).toEqual(new Set([AccountKind.LOAN, AccountKind.CREDIT_CARD]));
    for (const { balance } of late) expect(balance?.minorUnits).toBeGreaterThan(0n);
    for (const versions of Map.groupBy(late, ({ sourceId }) => sourceId).values()) {
      if (versions[0]?.state === AccountState.WRITTEN_OFF) {
        expect(versions[0].daysPastDue).toBeGreaterThan(180);
        continue;
      }
      // As of the window's beginning, then with September and with October.
      const first = versions[0]?.daysPastDue ?? 0;
      expect(versions.slice(0, 3).map(({ daysPastDue }) => daysPastDue - first)).toEqual([0, 30, 61]);
    }
    expect(late.length).toBeLessThan(accounts.length / 20);
  });
});

describe('transaction limits', () => {
  const limited = new Map(accounts.filter(({ limits }) => limits.length > 0).map((account) => [account.sourceId, account]));

  it('are one of a kind and channel, the day’s not below the single one', () => {
    expect([...limited.values()].some(({ limits }) => limits.some(({ channel }) => channel === 'mobile'))).toBe(true);
    for (const { limits, currencyCode } of limited.values()) {
      expect(new Set(limits.map(({ kind, channel }) => `${kind} ${channel}`)).size).toBe(limits.length);
      for (const one of limits) {
        expect(one.limit?.currencyCode).toBe(currencyCode);
        const single = limits.find(({ kind, channel }) => kind === 'transaction-single' && channel === one.channel);
        expect(one.limit?.minorUnits).toBeGreaterThanOrEqual(single?.limit?.minorUnits ?? 0n);
      }
    }
  });

  it('of one transaction are kept by what customers move themselves', () => {
    const own = sent('transactions', TransactionPosted).filter(
      ({ direction, channel }) => direction === Direction.DEBIT && !['batch', 'counter'].includes(channel),
    );
    const single = [...limited].flatMap(([id, { limits }]) =>
      limits.filter(({ kind }) => kind === 'transaction-single').map((one) => ({ id, ...one })),
    );
    const exceeded = single.flatMap(({ id, channel, limit }) =>
      own
        .filter((one) => one.accountSourceId === id && (channel === '' || one.channel === channel))
        .filter(({ amount }) => (amount?.minorUnits ?? 0n) > (limit?.minorUnits ?? 0n)),
    );
    expect(single.length).toBeGreaterThan(0);
    expect(exceeded).toEqual([]);
  });
});
