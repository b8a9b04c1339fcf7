import type { CustomerSummary } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { countCustomers, listCustomers, search, view360 } from '../src/api.ts';
import { as, problem } from '../src/client.ts';
import { books, everybody, isOpen, numberOf, portfolioOf, type Truth } from '../src/ledger.ts';
import { people } from '../src/people.ts';

const open = everybody.filter(isOpen);
const seen = open.filter(({ customer }) => !customer.restricted);
const at = (branches: RegExp) => seen.filter(({ customer }) => branches.test(customer.homeBranchCode));

/** Who sees whom, by the core's own books: what the spec says of each role's scope. */
const scopes: [keyof typeof people, readonly Truth[]][] = [
  ['rm', portfolioOf(people.rm)],
  ['colleague', portfolioOf(people.colleague)],
  ['shanghaiRm', portfolioOf(people.shanghaiRm)],
  ['chaoyangManager', at(/^BJ-CY$/)],
  ['beijingManager', at(/^BJ-/)],
  ['shanghaiManager', at(/^SH-/)],
  ['twoPosts', at(/^BJ-XC$/)],
  ['hqManager', seen],
  ['riskOfficer', seen],
  ['compliance', seen],
  ['steward', seen],
  ['admin', seen],
];
/** Other tests bring customers of their own; the books decide about theirs only. */
const ofTheBooks = (numbers: string[]) => numbers.filter((number) => books.has(number)).sort();

let wholeBank: CustomerSummary[];
beforeAll(async () => {
  wholeBank = await listCustomers(await as(people.hqManager));
});

describe.each(scopes)('%s', (role, scope) => {
  it('sees in list, count, search, get and 360 the same customers, and they are those of the scope', async () => {
    const person = await as(people[role]);
    const listed = await listCustomers(person);
    expect(ofTheBooks(listed.map(({ primaryNumber }) => primaryNumber))).toEqual(scope.map(numberOf).sort());
    expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length);
    expect(await countCustomers(person)).toBe(listed.length);

    const inScope = new Set(scope.map(numberOf));
    const everySixth = open.filter((_, index) => index % 6 === 0);
    const names = new Map([...wholeBank, ...listed].map(({ primaryNumber, name }) => [primaryNumber, name]));
    for (const truth of everySixth) {
      const { customers } = await search(person, numberOf(truth));
      const sees = inScope.has(numberOf(truth));
      expect(customers.length > 0, `${role} searches ${numberOf(truth)}`).toBe(sees);
      // Nobody can pass on the name of a restricted customer that neither head office nor this person lists.
      const name = names.get(numberOf(truth));
      for (const path of name === undefined ? [] : [`/v1/${name}`, `/v1/${name}:view360`])
        expect((await person.get(path)).status, `${role} opens ${path}`).toBe(sees ? 200 : 404);
    }
  });
});

describe('somebody without the permission or without customers', () => {
  it.each(['marketer', 'operator'] as const)('(%s) reads no customer by any way', async (role) => {
    const person = await as(people[role]);
    const [some] = await listCustomers(await as(people.hqManager));
    for (const reply of [
      await person.get('/v1/customers'),
      await person.get('/v1/customers:count'),
      await person.post('/v1/customers:search', { query: '张伟' }),
      await person.get(`/v1/${some!.name}`),
      await person.get(`/v1/${some!.name}:view360`),
      await person.get(`/v1/${some!.name}/transactions`),
    ])
      expect(problem(reply)).toMatchObject({ status: 403, reason: 'PERMISSION_MISSING' });
  });

  it('(an administrator) sees customers without any amount, and neither sorts nor filters by one', async () => {
    const admin = await as(people.admin);
    const [some] = await listCustomers(await as(people.hqManager));
    const view = await view360(admin, some!.name);
    expect(view.panorama).toBeUndefined();
    expect(view.recentTransactions).toEqual([]);
    for (const { balance, availableBalance, creditLimit, principal } of view.holdings)
      expect([balance, availableBalance, creditLimit, principal]).toEqual([undefined, undefined, undefined, undefined]);
    expect(view.customer?.individual?.annualIncome).toBeUndefined();
    for (const { totalAssets, nextMaturityAmount } of await listCustomers(admin))
      expect([totalAssets, nextMaturityAmount]).toEqual([undefined, undefined]);
    expect(problem(await admin.get('/v1/customers', { filter: 'total_assets >= 1' })).status).toBeGreaterThanOrEqual(400);
    expect(problem(await admin.get('/v1/customers', { orderBy: 'total_assets desc' })).status).toBeGreaterThanOrEqual(400);
    expect(problem(await admin.get(`/v1/${some!.name}/transactions`))).toMatchObject({ status: 403 });
  });
});
