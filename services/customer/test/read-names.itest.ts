import { inTransaction, nobody } from '@bankcrm/database';
import { CustomersService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameForms } from '../src/app/renew-forms/names.ts';
import { renewForms } from '../src/app/renew-forms/renew-forms.ts';
import { openReads, type ReadBench, type StaffName, staff, staffIdOf } from './support/reading.ts';

let bench: ReadBench;
beforeAll(async () => {
  bench = await openReads({ clock: { now: () => new Date('2026-11-23T20:00:00Z') } });
  await bench.give('customer', ...bank());
});
afterAll(() => bench?.closeAll());

const firms = [
  'HSBC Bank (China) Company Limited',
  '北京星河科技有限公司',
  '星河（上海）贸易有限公司',
  '360数科',
  '58同城',
  '100%果汁',
  '7-11便利店',
  '3M中国有限公司',
  '1号店',
];
const persons = [
  "D'Angelo-Smith Mary Ann",
  'Mary Smith',
  '张伟',
  '章芳',
  '单雄信',
  '种师道',
  '李娜',
  '张三',
  'Łukasz Żółć',
  'Hans Müller',
  'Erika Mueller',
];

/** The branch manager's are those of Chaoyang; the manager's own are all of them. */
function bank(): CustomerSnapshot[] {
  const shared = { sourceSystem: 'core', version: 1n, state: 1, homeBranchCode: 'BJ-CY', rmStaffNumber: staff.rm } as const;
  const firm = (fullName: string) => ({ $case: 'organisation', value: { fullName } }) as const;
  const person = (fullName: string) => ({ $case: 'individual', value: { fullName } }) as const;
  return [...firms.map(firm), ...persons.map(person), person('')].map((profile, index) =>
    CustomerSnapshot.fromPartial({ ...shared, sourceId: numbers[index] ?? `N${index}`, profile }),
  );
}

/** Of the first four: without a digit, filled up with blanks, with one inside, with one before. */
const numbers = ['FIELD-QX', 'FIXED     ', 'AB 12 CD', ' LEFT-1'];

const search = (name: StaffName, query: string, rest: { pageSize?: number; pageToken?: string } = {}) =>
  bench.as(name, CustomersService.searchCustomers, { query, pageSize: 20, pageToken: '', includeClosed: false, ...rest });
const found = async (name: StaffName, query: string): Promise<string[]> =>
  (await search(name, query)).customers.map(({ fullName }) => fullName);

/** For the whole bank, for a branch, and for the own portfolio names are found in ways of their own. */
describe.each(['hqManager', 'branchManager', 'rm'] as const)('%s', (name) => {
  it.each([
    ['HSBC China', ['HSBC Bank (China) Company Limited']],
    ['china hsbc', ['HSBC Bank (China) Company Limited']],
    ['limited bank hs', ['HSBC Bank (China) Company Limited']],
    ['hsbc hongkong', []],
    ['mary ann', ["D'Angelo-Smith Mary Ann"]],
    ['smith mary', ["D'Angelo-Smith Mary Ann", 'Mary Smith']],
    ["d'angelo", ["D'Angelo-Smith Mary Ann"]],
    ['dangelo ann', ["D'Angelo-Smith Mary Ann"]],
    ['angelo', ["D'Angelo-Smith Mary Ann"]],
    ['angelo smith', ["D'Angelo-Smith Mary Ann"]],
    ['zhang wei', ['张伟']],
    ['wei zhang', ['张伟']],
    ['张 wei', ['张伟']],
    ['星河 beijing', ['北京星河科技有限公司']],
    ['科技 星河', ['北京星河科技有限公司']],
    ['上海 星河', ['星河（上海）贸易有限公司']],
    ['chongshidao', ['种师道']],
    ['zhong shidao', ['种师道']],
    ['lukasz zolc', ['Łukasz Żółć']],
    ['zolc lukasz', ['Łukasz Żółć']],
    ['mueller', ['Erika Mueller', 'Hans Müller']],
    ['muller', ['Hans Müller']],
    ['Müller', ['Hans Müller', 'Erika Mueller']],
    ['360', ['360数科']],
    ['58', ['58同城']],
    ['100%', ['100%果汁']],
    ['7-11', ['7-11便利店']],
    ['3M', ['3M中国有限公司']],
    ['1号店', ['1号店']],
  ])('finds by the name %s', async (query, names) => expect((await found(name, query)).toSorted()).toEqual(names.toSorted()));

  it.each([
    ['FIELD-QX', firms[0]],
    ['field-qx', firms[0]],
    [' FIELD-QX ', firms[0]],
    ['FIXED', firms[1]],
    ['FIXED     ', firms[1]],
    ['AB 12 CD', firms[2]],
    ['ab 12 cd ', firms[2]],
    [' LEFT-1', firms[3]],
  ])('finds by the customer number %j', async (query, fullName) => {
    const { customers, matchedBy } = await search(name, query);
    expect([customers.map((customer) => customer.fullName), matchedBy]).toEqual([[fullName], ['customer-number']]);
  });

  it('finds nobody by a part of a customer number', async () => {
    for (const query of ['FIELD-Q', 'AB 12', 'AB']) expect(await found(name, query)).toEqual([]);
  });

  it('pages through names that have all the words, each once', async () => {
    const whole = await found(name, 'smi ma');
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await search(name, 'smi ma', { pageSize: 1, pageToken });
      seen.push(...page.customers.map(({ fullName }) => fullName));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(whole.toSorted()).toEqual(["D'Angelo-Smith Mary Ann", 'Mary Smith']);
    expect(seen).toEqual(whole);
  });

  // By hand: chóng; lǐ before Łukasz; shàn; zhāng with 张 (U+5F20) before 章 (U+7AE0).
  const ordered = [
    '种师道',
    "D'Angelo-Smith Mary Ann",
    'Erika Mueller',
    'Hans Müller',
    '李娜',
    'Łukasz Żółć',
    'Mary Smith',
    '单雄信',
    '张三',
    '张伟',
    '章芳',
  ];
  it.each([
    ['full_name', [...ordered, '']],
    ['full_name desc', [...ordered.toReversed(), '']],
  ])('lists by %s as a Chinese reader looks names up, page by page', async (orderBy, names) => {
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await bench.as(name, CustomersService.listCustomers, {
        pageSize: 5,
        pageToken,
        filter: 'kind = "INDIVIDUAL"',
        orderBy,
      });
      seen.push(...page.customers.map(({ fullName }) => fullName));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen).toEqual(names);
  });
});

it('a short number that is only a name counts as no look-up', async () => {
  for (const query of ['360', '58', '7-11', '12306']) await search('otherRm', query);
  const { rows } = await bench.workers.query('SELECT FROM customer.use_count WHERE staff_id = $1', [staffIdOf('otherRm')]);
  expect(rows).toEqual([]);
});

it('a search by words shows a manager of another branch nothing', async () => {
  expect(await found('otherRm', 'hsbc china')).toEqual([]);
  await bench.workers.query('UPDATE customer.customer SET restricted = true WHERE full_name = $1', [firms[0]]);
  try {
    expect(await found('hqManager', 'china hsbc')).toEqual([]);
  } finally {
    await bench.workers.query('UPDATE customer.customer SET restricted = false');
  }
});

describe('a customer whose name changes', () => {
  it('is found and sorted by the new one', async () => {
    const give = (fullName: string, version: bigint) =>
      bench.give(
        'customer',
        CustomerSnapshot.fromPartial({
          sourceSystem: 'core',
          sourceId: 'R1',
          version,
          state: 1,
          profile: { $case: 'individual', value: { fullName } },
          homeBranchCode: 'BJ-CY',
        }),
      );
    const orderOf = async () =>
      (await bench.workers.query("SELECT name_order, name_form FROM customer.customer WHERE primary_number = 'R1'")).rows[0];
    await give('单伟', 1n);
    expect(await orderOf()).toEqual({ name_order: 'shan4单wei3伟', name_form: 1 });
    await give('曾伟', 2n);
    expect(await orderOf()).toEqual({ name_order: 'zeng1曾wei3伟', name_form: 1 });
    expect([await found('hqManager', 'wei shan'), await found('hqManager', 'wei zeng')]).toEqual([[], ['曾伟']]);
  });
});

describe('rows of an earlier release', () => {
  const state = async () => ({
    customers: (await bench.workers.query('SELECT customer_id, name_order, name_form, version FROM customer.customer ORDER BY 1'))
      .rows,
    tokens: (await bench.workers.query('SELECT * FROM customer.name_token ORDER BY token, customer_id')).rows,
  });
  const renew = async (): Promise<number> => {
    const log = { info: () => {}, warn: () => {} };
    const turn = renewForms(bench.workers, [nameForms], log as never);
    let turns = 1;
    while (await turn()) turns += 1;
    return turns;
  };

  it('get the order and tokens that a new row has, once, and leave what somebody holds for later', async () => {
    const fresh = await state();
    await bench.workers.query(`
      UPDATE customer.customer SET name_order = DEFAULT, name_form = DEFAULT;
      DELETE FROM customer.name_token WHERE token <> 'hsbcbankchinacompanylimited';`);
    expect(await found('hqManager', 'hsbc bank')).toEqual([firms[0]]);
    await inTransaction(bench.workers, nobody, async (tx) => {
      await tx.query('SELECT FROM customer.customer WHERE full_name = $1 FOR UPDATE', [firms[0]]);
      await renew();
    });
    expect((await state()).customers.filter(({ name_form }) => name_form === 0)).toHaveLength(2);
    await renew();
    const renewed = await state();
    // The customer without a name has nothing to renew.
    expect(renewed.tokens).toEqual(fresh.tokens);
    expect(renewed.customers.map(({ name_form: _, ...row }) => row)).toEqual(
      fresh.customers.map(({ name_form: _, ...row }) => row),
    );
    expect(await renew()).toBe(1);
  });
});
