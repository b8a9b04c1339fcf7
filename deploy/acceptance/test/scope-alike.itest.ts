import { randomUUID } from 'node:crypto';
import { ListHoldersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { HolderRole } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { customerByNumber, search, view360 } from '../src/api.ts';
import { as, type Person, problem, type Reply, read } from '../src/client.ts';
import { books, everybody, idNumberOf, isOpen, mobileOf, nameOf, numberOf, portfolioOf, type Truth } from '../src/ledger.ts';
import { people } from '../src/people.ts';

let rm: Person;
let theirs: { name: string; holding: string; interaction: string };
/** An identifying value of theirs, as a colleague could have passed its name on. */
let field: string;
const nobody = () => `customers/${randomUUID()}`;

beforeAll(async () => {
  rm = await as(people.rm);
  const colleague = await as(people.colleague);
  const truth = portfolioOf(people.colleague).find(({ customer }) => !customer.restricted && customer.contacts.length > 0)!;
  const { name } = await customerByNumber(colleague, numberOf(truth));
  const recorded = await colleague.post(`/v1/${name}/interactions`, {
    kind: 'call',
    direction: 'inbound',
    summary: '来电',
    nextStep: { description: '回电', dueDate: '2030-01-01' },
  });
  const { customer, holdings } = await view360(colleague, name);
  field = customer!.contacts[0]!.field;
  theirs = { name, holding: holdings[0]!.name, interaction: (JSON.parse(recorded.text) as { name: string }).name };
});

/** What a caller can tell of a reply: everything but the trace and the moment. */
const visible = ({ status, headers, text }: Reply) => {
  const shown = [...headers].filter(([name]) => !/trace|^date$|ratelimit|etag/.test(name));
  const { trace_id: _trace, ...body } = JSON.parse(text) as Record<string, unknown>;
  return { status, headers: Object.fromEntries(shown), body };
};

type Ask = (person: Person, customer: string, holding: string, interaction: string) => Promise<Reply>;
const asks: Record<string, Ask> = {
  get: (person, customer) => person.get(`/v1/${customer}`),
  '360': (person, customer) => person.get(`/v1/${customer}:view360`),
  transactions: (person, customer) => person.get(`/v1/${customer}/transactions`),
  holders: (person, _customer, holding) => person.get(`/v1/${holding}/holders`),
  history: (person, customer) => person.get(`/v1/${customer}/history`),
  interactions: (person, customer) => person.get(`/v1/${customer}/interactions`),
  'a new interaction': (person, customer) =>
    person.post(`/v1/${customer}/interactions`, { kind: 'call', direction: 'inbound', summary: 'x' }),
  'a next step': (person, _customer, _holding, interaction) =>
    person.post(`/v1/${interaction}:completeNextStep`, {}, { 'if-match': '"1"' }),
  reveal: (person, customer) => person.post(`/v1/${customer}:reveal`, { fields: [field], reasonCode: 'CALL_CUSTOMER' }),
  supplement: (person, customer) =>
    person.post(`/v1/${customer}:supplement`, { values: [{ field: 'education', value: 'x' }] }, { 'if-match': '"1"' }),
};

describe("a colleague's customer", () => {
  it.each(Object.keys(asks))('answers %s like a customer that does not exist', async (what) => {
    const ask = asks[what]!;
    const none = nobody();
    const colleagues = await ask(rm, theirs.name, theirs.holding, theirs.interaction);
    const nobodys = await ask(rm, none, `${none}/holdings/${randomUUID()}`, `${none}/interactions/${randomUUID()}`);
    expect(problem(colleagues)).toMatchObject({ status: 404, reason: 'NOT_FOUND' });
    expect(visible(colleagues)).toEqual(visible(nobodys));
    expect(colleagues.text).not.toContain(theirs.name.slice('customers/'.length));
  });
});

describe('a restricted customer', () => {
  const truth = everybody.find(({ customer }) => customer.restricted && customer.rmStaffNumber === people.colleague) as Truth;

  it.each(['hqManager', 'beijingManager', 'compliance', 'riskOfficer', 'steward', 'admin', 'rm'] as const)(
    'is nobody to %s: in search, list, get and 360',
    async (role) => {
      const { name } = await customerByNumber(await as(people.colleague), numberOf(truth));
      const person = await as(people[role]);
      for (const query of [numberOf(truth), idNumberOf(truth), mobileOf(truth), truth.held[0]?.account.number, nameOf(truth)])
        if (query)
          expect(
            (await search(person, query)).customers.map((one) => one.name),
            role,
          ).not.toContain(name);
      expect(visible(await person.get(`/v1/${name}`))).toEqual(visible(await person.get(`/v1/${nobody()}`)));
      expect(visible(await person.get(`/v1/${name}:view360`))).toEqual(visible(await person.get(`/v1/${nobody()}:view360`)));
    },
  );

  it('is seen by the manager whom the core names', async () => {
    const { name } = await customerByNumber(await as(people.colleague), numberOf(truth));
    expect((await view360(await as(people.colleague), name)).customer).toMatchObject({
      restricted: true,
      fullName: nameOf(truth),
    });
  });
});

describe('the holders of an account', () => {
  const shared = everybody.flatMap((truth) =>
    truth.customer.rmStaffNumber && isOpen(truth) && !truth.customer.restricted
      ? truth.held
          .filter(({ account, role }) => account.holders.length > 1 && role === HolderRole.OWNER)
          .map(({ account }) => ({ truth, account }))
      : [],
  );

  it('are shown where they are in scope and counted where they are not', async () => {
    expect(shared.length).toBeGreaterThan(5);
    let hidden = 0;
    for (const { truth, account } of shared.slice(0, 12)) {
      const manager = truth.customer.rmStaffNumber;
      const person = await as(manager);
      const { name } = await customerByNumber(person, numberOf(truth));
      const { holdings } = await view360(person, name);
      const holding = holdings.find(
        ({ maskedNumber, kind }) => kind === 'deposit' && maskedNumber.endsWith(account.number.slice(-4)),
      )!;
      const reply = await person.get(`/v1/${holding.name}/holders`);
      const { holders, hiddenHolders } = read('bankcrm.customer.v1.ListHoldersResponse', ListHoldersResponse, reply);
      const inScope = account.holders
        .map(({ customerSourceId }) => books.get(customerSourceId)!)
        .filter(({ customer }) => customer.rmStaffNumber === manager);
      expect(holders.map(({ fullName }) => fullName).sort(), account.sourceId).toEqual(inScope.map(nameOf).sort());
      // Of a restricted one out of sight nothing tells.
      const outside = account.holders
        .map(({ customerSourceId }) => books.get(customerSourceId)!)
        .filter((holder) => !inScope.includes(holder) && !holder.customer.restricted);
      expect(hiddenHolders).toBe(outside.length);
      for (const { customerSourceId } of account.holders)
        if (!inScope.includes(books.get(customerSourceId)!))
          expect(reply.text).not.toContain(nameOf(books.get(customerSourceId)!));
      hidden += hiddenHolders;
    }
    expect(hidden).toBeGreaterThan(0);
  });
});
