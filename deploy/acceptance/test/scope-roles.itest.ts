import { beforeAll, describe, expect, it } from 'vitest';
import { countCustomers, customerByNumber, listCustomers, search } from '../src/api.ts';
import { as, type Person, problem } from '../src/client.ts';
import { financialsIn } from '../src/data-classes.ts';
import { books, everybody, isOpen, numberOf, type Truth } from '../src/ledger.ts';
import { people } from '../src/people.ts';
import { scopes } from '../src/scopes.ts';

const area = 'bankcrm.customer.v1';
/** Enough of all to have some in and some out of every scope, and the restricted ones that somebody sees. */
const asked = everybody
  .filter(isOpen)
  .filter(({ customer }, index) => (customer.restricted ? customer.rmStaffNumber !== '' : index % 6 === 0));
/** Resource names by number, as those know them who see the customer. */
const names = new Map<string, string>();
beforeAll(async () => {
  for (const truth of asked) {
    const { restricted, rmStaffNumber } = truth.customer;
    const { name } = await customerByNumber(await as(restricted ? rmStaffNumber : people.hqManager), numberOf(truth));
    names.set(numberOf(truth), name);
  }
});

/** Other tests bring customers of their own; the books decide about theirs only. */
const ofTheBooks = (numbers: string[]) => numbers.filter((number) => books.has(number)).sort();

describe.each(scopes)('%s', (role, scope) => {
  it('sees in list, count, search, get and 360 the same customers, and they are those of the scope', async () => {
    const person = await as(people[role]);
    const listed = await listCustomers(person);
    expect(ofTheBooks(listed.map(({ primaryNumber }) => primaryNumber))).toEqual(scope.map(numberOf).sort());
    expect(new Set(listed.map(({ name }) => name)).size).toBe(listed.length);
    expect(await countCustomers(person)).toBe(listed.length);

    const inScope = new Set(scope.map(numberOf));
    expect(asked.some((truth) => !inScope.has(numberOf(truth)))).toBe(true);
    const askFor = async (truth: Truth): Promise<void> => {
      const number = numberOf(truth);
      const inSight = inScope.has(number);
      const name = names.get(number)!;
      expect(
        (await search(person, number)).customers.map((one) => one.name),
        `${role} searches ${number}`,
      ).toEqual(inSight ? [name] : []);
      for (const path of [name, `${name}:view360`]) {
        const reply = await person.get(`/v1/${path}`);
        if (inSight) expect(reply.status, `${role} gets ${path}`).toBe(200);
        else expect(problem(reply), `${role} gets ${path}`).toMatchObject({ status: 404, reason: 'NOT_FOUND' });
      }
    };
    for (let at = 0; at < asked.length; at += 6) await Promise.all(asked.slice(at, at + 6).map(askFor));
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

  it('(an administrator) sees customers without anything financial, and neither sorts nor filters by it', async () => {
    const [admin, hq] = await Promise.all([as(people.admin), as(people.hqManager)]);
    // The first to mature, so that there is a maturity to hide.
    const [some] = await listCustomers(hq, { orderBy: 'next_maturity_date' });
    const financials = async (person: Person): Promise<string[]> => [
      ...financialsIn(`${area}.Customer`, await person.get(`/v1/${some!.name}`)),
      ...financialsIn(`${area}.Customer360`, await person.get(`/v1/${some!.name}:view360`)),
      ...financialsIn(`${area}.ListCustomersResponse`, await person.get('/v1/customers', { pageSize: 200 })),
      ...financialsIn(
        `${area}.SearchCustomersResponse`,
        await person.post('/v1/customers:search', { query: some!.primaryNumber }),
      ),
    ];
    expect(await financials(hq)).toEqual(
      expect.arrayContaining(
        ['Holding.balance', 'Holding.maturity_date', 'CustomerSummary.next_maturity_date', 'Transaction.amount'].map(
          (field) => `${area}.${field}`,
        ),
      ),
    );
    expect(await financials(admin)).toEqual([]);
    for (const query of [
      { filter: 'total_assets >= 1' },
      { filter: 'next_maturity_date >= "2000-01-01"' },
      { orderBy: 'total_assets desc' },
      { orderBy: 'next_maturity_date' },
    ])
      expect(problem(await admin.get('/v1/customers', query))).toMatchObject({ status: 403, reason: 'FIELD_NOT_SHOWN' });
    expect(problem(await admin.get(`/v1/${some!.name}/transactions`))).toMatchObject({ status: 403 });
  });
});
