import { search } from '@bankcrm/acceptance/api.ts';
import { as } from '@bankcrm/acceptance/client.ts';
import { customerMessage, newCustomer } from '@bankcrm/acceptance/core-bank.ts';
import { send, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import {
  everybody,
  idNumberOf,
  isOpen,
  isSeen,
  mobileOf,
  nameOf,
  numberOf,
  portfolioOf,
  sightOfManager,
  type Truth,
} from '@bankcrm/acceptance/ledger.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { describe, expect, it } from 'vitest';

const visible = (truth: Truth) => isOpen(truth) && !truth.customer.restricted;
const numbersOf = (found: { primaryNumber: string }[]) => found.map((customer) => customer.primaryNumber);
const named = (name: string) => everybody.filter((truth) => visible(truth) && nameOf(truth) === name);
const asHeadOffice = () => as(people.hqManager);

/** How the people of the demo bank's cast read their own names; surnames have readings of their own. */
const readings = [
  { name: '张伟', pinyin: 'zhangwei', initials: 'zw' },
  { name: '单秀英', pinyin: 'shanxiuying', initials: 'sxy' },
  { name: '曾静', pinyin: 'zengjing', initials: 'zj' },
  { name: '解志强', pinyin: 'xiezhiqiang', initials: 'xzq' },
  { name: '查文博', pinyin: 'zhawenbo', initials: 'zwb' },
  { name: '仇敏', pinyin: 'qiumin', initials: 'qm' },
  { name: '区家豪', pinyin: 'oujiahao', initials: 'ojh' },
  { name: '尉迟建国', pinyin: 'yuchijianguo', initials: 'ycjg' },
  { name: '欧阳娜', pinyin: 'ouyangna', initials: 'oyn' },
  { name: '司马睿', pinyin: 'simarui', initials: 'smr' },
] as const;

describe('a search by name', () => {
  it.each(readings)('finds $name by characters, pinyin and initials', async ({ name, pinyin, initials }) => {
    const wanted = named(name).map(numberOf);
    expect(wanted.length).toBeGreaterThan(0);
    const person = await asHeadOffice();
    expect(numbersOf((await search(person, name)).customers)).toEqual(expect.arrayContaining(wanted));
    expect(numbersOf((await search(person, pinyin)).customers)).toEqual(expect.arrayContaining(wanted));
    expect(numbersOf((await search(person, initials)).customers)).toEqual(expect.arrayContaining(wanted));
  });

  it.each(['zhang wei', 'ZhangWei', 'ｚｈａｎｇｗｅｉ', ' zhangwei '])('takes %j for zhangwei', async (query) => {
    const found = numbersOf((await search(await asHeadOffice(), query)).customers);
    expect(found).toEqual(expect.arrayContaining(named('张伟').map(numberOf)));
  });

  it('knows characters from another that is written like them: 张伟 does not bring 张薇', async () => {
    const { customers, matchedBy } = await search(await asHeadOffice(), '张伟');
    expect(matchedBy).toEqual(['name']);
    expect(customers.every((customer) => customer.fullName.startsWith('张伟'))).toBe(true);
  });

  it.each(['李𬀩', '王𫖯', '陈𠅤', '买买提·吐尔逊', '买买提吐尔逊'])('finds %s, whatever the characters', async (query) => {
    const wanted = everybody.filter((truth) => visible(truth) && nameOf(truth).replaceAll('·', '') === query.replaceAll('·', ''));
    expect(wanted.length).toBeGreaterThan(0);
    expect(numbersOf((await search(await asHeadOffice(), query)).customers)).toEqual(
      expect.arrayContaining(wanted.map(numberOf)),
    );
  });

  it('finds companies by their short names', async () => {
    const companies = everybody.filter((truth) => visible(truth) && truth.customer.profile?.$case === 'organisation').slice(0, 5);
    expect(companies.length).toBe(5);
    for (const { customer } of companies) {
      const shortName = customer.profile?.$case === 'organisation' ? customer.profile.value.shortName : '';
      expect(numbersOf((await search(await asHeadOffice(), shortName)).customers), shortName).toContain(customer.sourceId);
    }
  });

  it('brings own customers before others', async () => {
    // A senior relationship manager who also heads the sub-branch: others' customers are in scope too.
    const person = await as(people.twoPosts);
    const own = newCustomer({ fullName: '张子涵', homeBranchCode: 'BJ-XC', rmStaffNumber: people.twoPosts });
    await send([customerMessage(own)]);
    await untilApplied();
    const { customers } = await search(person, '张');
    const order = customers.map((customer) => customer.own);
    expect(order.filter(Boolean).length * order.filter((mine) => !mine).length).toBeGreaterThan(0);
    expect(order).toEqual(order.toSorted((a, b) => Number(b) - Number(a)));
    expect(customers.filter((customer) => customer.own).map(({ primaryNumber }) => primaryNumber)).toContain(own.sourceId);
  });

  it("shows a relationship manager nobody else's customers", async () => {
    const own = new Set(portfolioOf(people.rm).map(numberOf));
    for (const query of ['张', '王', '李', 'zw', 'wang']) {
      const found = numbersOf((await search(await as(people.rm), query)).customers);
      expect(
        found.filter((number) => !own.has(number)),
        query,
      ).toEqual([]);
    }
  });
});

describe('a search by a complete number', () => {
  const [one, ...others] = portfolioOf(people.rm).filter((truth) => idNumberOf(truth) && mobileOf(truth)) as [Truth, ...Truth[]];
  const only = async (query: string) => {
    const { customers, matchedBy } = await search(await as(people.rm), query);
    return { found: numbersOf(customers), matchedBy };
  };

  it('finds the customer by customer number', async () => {
    expect(await only(numberOf(one))).toEqual({ found: [numberOf(one)], matchedBy: ['customer-number'] });
  });

  it('finds the customer by ID number, also in lower case', async () => {
    const withLetter = others.find((truth) => /X$/.test(idNumberOf(truth)!)) ?? one;
    for (const truth of [one, withLetter]) {
      expect(await only(idNumberOf(truth)!.toLowerCase())).toMatchObject({ found: [numberOf(truth)] });
      expect((await only(idNumberOf(truth)!)).matchedBy).toEqual(['id-number']);
    }
  });

  it.each([
    (phone: string) => phone,
    (phone: string) => `+86 ${phone}`,
    (phone: string) => `${phone.slice(0, 3)}-${phone.slice(3, 7)}-${phone.slice(7)}`,
  ])('finds the customer by phone, however it is written (%#)', async (write) => {
    expect(await only(write(mobileOf(one)!))).toEqual({ found: [numberOf(one)], matchedBy: ['phone'] });
  });

  it('finds the holders by account and by card number, where its owner is in sight', async () => {
    for (const { account } of one.held) {
      if (!isSeen(account, sightOfManager(people.rm))) continue;
      const { found, matchedBy } = await only(account.number);
      expect(found, account.sourceId).toContain(numberOf(one));
      expect(matchedBy).toEqual(['account-number']);
    }
  });

  it('finds nothing by a part of it, or by how it looks masked', async () => {
    const phone = mobileOf(one)!;
    expect((await only(phone.slice(0, 8))).found).toEqual([]);
    expect((await only(idNumberOf(one)!.slice(0, 14))).found).toEqual([]);
    const masked = `${phone.slice(0, 3)}****${phone.slice(7)}`;
    const reply = await (await as(people.rm)).post('/v1/customers:search', { query: masked });
    expect(reply.status === 400 || JSON.parse(reply.text).customers === undefined).toBe(true);
  });

  it("says of a colleague's customer what it says of nobody's", async () => {
    const theirs = portfolioOf(people.colleague).find((truth) => idNumberOf(truth) && mobileOf(truth))!;
    for (const number of [numberOf(theirs), idNumberOf(theirs)!, mobileOf(theirs)!, theirs.held[0]!.account.number])
      expect((await only(number)).found, 'out of scope').toEqual([]);
  });
});
