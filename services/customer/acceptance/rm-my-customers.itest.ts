import { countCustomers, listCustomers } from '@bankcrm/acceptance/api.ts';
import { as } from '@bankcrm/acceptance/client.ts';
import {
  bankDay,
  birthDateOf,
  books,
  isOpen,
  nameOf,
  numberOf,
  ownedBy,
  portfolioOf,
  totalsOf,
} from '@bankcrm/acceptance/ledger.ts';
import { minorOf } from '@bankcrm/acceptance/money.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { describe, expect, it } from 'vitest';

/** How some surnames are read, by hand; those of the cast that have a reading of their own among them. */
const surnames: Readonly<Record<string, string>> = {
  陈: 'chen',
  黄: 'huang',
  李: 'li',
  刘: 'liu',
  区: 'ou',
  仇: 'qiu',
  单: 'shan',
  王: 'wang',
  解: 'xie',
  杨: 'yang',
  曾: 'zeng',
  查: 'zha',
  张: 'zhang',
  赵: 'zhao',
};

const mine = portfolioOf(people.rm);
const rm = () => as(people.rm);

describe("a relationship manager's customers", () => {
  it('are those the core names the manager for, each once, without closed ones', async () => {
    const listed = await listCustomers(await rm());
    expect(mine.length).toBeGreaterThan(5);
    expect(listed.map((customer) => customer.primaryNumber).sort()).toEqual(mine.map(numberOf).sort());
    expect(listed.every((customer) => customer.own)).toBe(true);
  });

  it('come in pages that join without a gap or a double, whatever the page size', async () => {
    const whole = await listCustomers(await rm());
    const paged = await listCustomers(await rm(), { pageSize: 3 });
    expect(paged.map((customer) => customer.name)).toEqual(whole.map((customer) => customer.name));
  });

  it('show name, segment, branch and the assets of the ledger in the currency of the bank', async () => {
    for (const customer of await listCustomers(await rm())) {
      const truth = books.get(customer.primaryNumber)!;
      expect(customer).toMatchObject({
        fullName: nameOf(truth),
        segment: truth.customer.segment,
        homeOrgUnitCode: truth.customer.homeBranchCode,
      });
      expect(customer.totalAssets?.currencyCode).toBe('CNY');
      expect(minorOf(customer.totalAssets), customer.primaryNumber).toBe(totalsOf(truth).assets);
    }
  });

  it('are sorted by assets, the largest first, when nothing else is asked for', async () => {
    const assets = (await listCustomers(await rm())).map((customer) => minorOf(customer.totalAssets) ?? 0n);
    expect(assets).toEqual(assets.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
  });

  it('can be sorted by name, next maturity, next birthday and day of opening', async () => {
    const by = async (orderBy: string) => listCustomers(await rm(), { orderBy, pageSize: 7 });
    const names = (await by('full_name')).map((customer) => customer.fullName);
    const read = names.flatMap((name) => surnames[[...name][0]!] ?? []);
    expect(read.length).toBeGreaterThan(0);
    expect(read).toEqual(read.toSorted());
    const opened = (await by('open_date desc')).map((customer) => books.get(customer.primaryNumber)!.customer.openDate);
    expect(opened).toEqual(opened.toSorted().reverse());
    for (const [orderBy, field] of [
      ['next_maturity_date', 'nextMaturityDate'],
      ['next_birthday', 'nextBirthday'],
    ] as const) {
      const days = (await by(orderBy)).map((customer) => customer[field]).filter((day) => day !== '');
      expect(days.length, orderBy).toBeGreaterThan(0);
      expect(days, orderBy).toEqual(days.toSorted());
    }
  });

  it('tell which holdings mature in the months to come', async () => {
    const from = bankDay();
    const to = bankDay(180);
    const coming = mine.filter((truth) => ownedBy(truth).some(({ maturityDate: day }) => day >= from && day <= to));
    const filter = `next_maturity_date >= "${from}" AND next_maturity_date <= "${to}"`;
    const listed = await listCustomers(await rm(), { filter, orderBy: 'next_maturity_date' });
    expect(coming.length).toBeGreaterThan(0);
    expect(listed.map((customer) => customer.primaryNumber).sort()).toEqual(coming.map(numberOf).sort());
    for (const { primaryNumber, nextMaturityDate, nextMaturityAmount } of listed) {
      const next = ownedBy(books.get(primaryNumber)!).filter(({ maturityDate }) => maturityDate === nextMaturityDate);
      expect(next.map(({ balance }) => balance?.minorUnits)).toContain(minorOf(nextMaturityAmount));
    }
  });

  it('tell whose birthday is coming', async () => {
    const to = bankDay(60);
    const days = new Set(Array.from({ length: 61 }, (_, day) => bankDay(day).slice(5)));
    // Where the year has no 29 February, banks differ on the day; nobody here is in doubt.
    const coming = mine.filter((truth) => days.has(birthDateOf(truth).slice(5)) && !birthDateOf(truth).endsWith('-02-29'));
    const listed = await listCustomers(await rm(), { filter: `next_birthday <= "${to}"`, orderBy: 'next_birthday' });
    expect(coming.length).toBeGreaterThan(0);
    expect(listed.map((customer) => customer.primaryNumber).sort()).toEqual(coming.map(numberOf).sort());
    for (const { primaryNumber, nextBirthday } of listed)
      expect(nextBirthday.slice(5)).toBe(birthDateOf(books.get(primaryNumber)!).slice(5));
  });

  it('are counted as they are listed, with a filter and without', async () => {
    expect(await countCustomers(await rm())).toBe(mine.length);
    const wealthy = mine.filter((truth) => totalsOf(truth).assets >= 10_000_000n);
    const filter = 'total_assets >= 10000000';
    expect(await countCustomers(await rm(), filter)).toBe(wealthy.length);
    expect((await listCustomers(await rm(), { filter })).map((customer) => customer.primaryNumber).sort()).toEqual(
      wealthy.map(numberOf).sort(),
    );
  });

  it('are the whole portfolio under rm = "me", and nobody under the number of a colleague', async () => {
    expect(await countCustomers(await rm(), 'rm = "me"')).toBe(mine.length);
    expect(portfolioOf(people.colleague).length).toBeGreaterThan(0);
    expect(await listCustomers(await rm(), { filter: `rm = "${people.colleague}"` })).toEqual([]);
  });

  it('have phones and ID numbers masked', async () => {
    for (const customer of await listCustomers(await rm())) {
      const { contacts, identifiers } = books.get(customer.primaryNumber)!.customer;
      const shown = `${customer.maskedMobile} ${customer.maskedIdentifier}`;
      for (const { value } of [...contacts, ...identifiers]) expect(shown).not.toContain(value);
      if (customer.maskedMobile !== '') expect(customer.maskedMobile).toMatch(/^1\d{2}\*{4}\d{4}$/);
      if (customer.maskedIdentifier !== '') expect(customer.maskedIdentifier).toMatch(/^\*{4,}[0-9A-Z]{2,4}$/);
    }
  });

  it('stay readable when they are closed, though no list has them', async () => {
    const closed = [...books.values()].filter((truth) => !isOpen(truth));
    const listed = new Set((await listCustomers(await as(people.hqManager))).map((customer) => customer.primaryNumber));
    expect(closed.length).toBeGreaterThan(0);
    expect(closed.filter((truth) => listed.has(numberOf(truth)))).toEqual([]);
  });
});
