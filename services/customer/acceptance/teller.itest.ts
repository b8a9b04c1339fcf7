import { countCustomers, customerByNumber, listCustomers, search, view360 } from '@bankcrm/acceptance/api.ts';
import { as, type Person, problem, read } from '@bankcrm/acceptance/client.ts';
import {
  accountMessage,
  customerMessage,
  managerOfOthers,
  newAccount,
  newCustomer,
  residentId,
  uniqueDigits,
} from '@bankcrm/acceptance/core-bank.ts';
import { send, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { StartServiceResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import type { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { AccountKind } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { beforeAll, describe, expect, it } from 'vitest';

type WalkIn = { customer: CustomerSnapshot; account: AccountSnapshot; card: AccountSnapshot };
let teller: Person;
let walkIns: WalkIn[];
let restricted: WalkIn;

const walkIn = (over: Partial<CustomerSnapshot> = {}): WalkIn => {
  const customer = newCustomer(over);
  const card = {
    sourceId: `${customer.sourceId}-02`,
    kind: AccountKind.DEBIT_CARD,
    number: `62${uniqueDigits(17)}`,
    balance: undefined,
    availableBalance: undefined,
  };
  return { customer, account: newAccount(customer), card: newAccount(customer, card) };
};

beforeAll(async () => {
  teller = await as(people.teller);
  walkIns = Array.from({ length: 4 }, () => walkIn());
  restricted = walkIn({ restricted: true });
  await send(
    [...walkIns, restricted].flatMap(({ customer, account, card }) => [
      customerMessage(customer),
      accountMessage(account),
      accountMessage(card),
    ]),
  );
  await untilApplied();
});

const start = (kind: string, value: string, person = teller, channel = 'counter') =>
  person.post('/v1/customers:startService', { kind: `PRESENTED_KIND_${kind}`, value, channel });

describe('a walk-in', () => {
  it.each([
    ['ID_NUMBER', ({ customer }: WalkIn) => customer.identifiers[0]!.value],
    ['ACCOUNT_NUMBER', ({ account }: WalkIn) => account.number],
    ['CARD_NUMBER', ({ card }: WalkIn) => card.number],
  ])('is not in scope, until the %s presented opens the service, and is from then on', async (kind, presented) => {
    const index = ['ID_NUMBER', 'ACCOUNT_NUMBER', 'CARD_NUMBER'].indexOf(kind);
    const one = walkIns[index]!;
    const { name } = await customerByNumber(await as(managerOfOthers), one.customer.sourceId);
    expect((await teller.get(`/v1/${name}`)).status, 'before').toBe(404);
    expect((await search(teller, one.customer.sourceId)).customers).toEqual([]);
    const before = await countCustomers(teller);

    const { customer, interaction } = read(
      'bankcrm.customer.v1.StartServiceResponse',
      StartServiceResponse,
      await start(kind, presented(one)),
    );
    expect(customer).toBe(name);
    expect(interaction).toMatchObject({ kind: 'counter-service' });

    const view = await view360(teller, name);
    expect(view.holdings.length).toBe(2);
    expect(view.recentInteractions.map(({ name: of }) => of)).toContain(interaction?.name);
    expect(await countCustomers(teller)).toBe(before + 1);
    expect((await listCustomers(teller)).map(({ name: of }) => of)).toContain(name);
    expect((await (await as(people.otherTeller)).get(`/v1/${name}`)).status, 'for another teller').toBe(404);
  });

  it('whom nobody knows, and one who is restricted, are answered alike, whatever is presented', async () => {
    const same = async (kind: string, known: string, unknown: string) => {
      const [a, b] = [await start(kind, known), await start(kind, unknown)].map((reply) => ({ ...problem(reply), trace_id: '' }));
      expect(a).toMatchObject({ status: 404, reason: 'NOT_FOUND' });
      expect(a).toEqual(b);
    };
    await same('ID_NUMBER', restricted.customer.identifiers[0]!.value, residentId());
    await same('ACCOUNT_NUMBER', restricted.account.number, `6299${uniqueDigits(14)}`);
    await same('CARD_NUMBER', restricted.card.number, `62${uniqueDigits(17)}`);
  });

  it('is identified by what is complete only', async () => {
    const [one] = walkIns as [WalkIn];
    const [id, number] = [one.customer.identifiers[0]!.value, one.account.number];
    for (const [kind, value] of [
      ['ID_NUMBER', id.slice(0, 17)],
      ['ACCOUNT_NUMBER', number.slice(0, -1)],
      ['ACCOUNT_NUMBER', `${'*'.repeat(12)}${number.slice(-4)}`],
    ] as const)
      expect([400, 404], value).toContain(problem(await start(kind, value)).status);
  });

  it('is not known by a phone number, which is for service agents whom somebody calls', async () => {
    const phone = walkIns[3]!.customer.contacts[0]!.value;
    const agent = await as(people.serviceAgent);
    for (const reply of [await start('PHONE', phone), await start('PHONE', phone, agent)])
      expect(problem(reply)).toMatchObject({ status: 400, field: 'kind' });
    expect((await start('PHONE', phone, agent, 'phone')).status).toBe(200);
  });

  it('is served by tellers and service agents, not by relationship managers', async () => {
    const [, one] = walkIns as [WalkIn, WalkIn];
    expect((await start('ACCOUNT_NUMBER', one.account.number, await as(people.serviceAgent))).status).toBe(200);
    expect(problem(await start('ACCOUNT_NUMBER', one.account.number, await as(people.rm)))).toMatchObject({ status: 403 });
  });
});
