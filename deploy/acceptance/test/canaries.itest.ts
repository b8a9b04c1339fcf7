import type { ServiceName } from '@bankcrm/local';
import { AccountKind } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { ContactKind, IdentifierKind } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { breakMessage, brokenKinds } from '@bankcrm/simulator';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { customerByNumber, getCustomer, search, view360 } from '../src/api.ts';
import { type Canaries, momentOf, sightings, sightingsInEvents, sightingsInLogs, sightingsInTables } from '../src/canaries.ts';
import { as, http, type Reply } from '../src/client.ts';
import {
  accountMessage,
  customerMessage,
  managerOfOthers,
  newAccount,
  newCustomer,
  newTransaction,
  residentId,
  transactionMessage,
  uniqueDigits,
} from '../src/core-bank.ts';
import { send, untilApplied } from '../src/kafka.ts';
import { people } from '../src/people.ts';
import { exportsOf } from '../src/spans.ts';
import { deadLetters } from '../src/sync-api.ts';

/** Identifying: nowhere in the clear but in core banking's own topics and in the replies of a reveal or a steward's reading. */
const identifying = {
  'ID number': residentId(),
  passport: `E${uniqueDigits(8)}`,
  mobile: `136${uniqueDigits(8)}`,
  phone: `020-${uniqueDigits(8)}`,
  'e-mail': `canary.${uniqueDigits(10)}@example.org`,
  address: `广州市天河区金丝雀路${uniqueDigits(9)}号`,
  'account number': `6299${uniqueDigits(14)}`,
  'card number': `62${uniqueDigits(17)}`,
  'counterparty account': `6288${uniqueDigits(13)}`,
  'supplemented mobile': `135${uniqueDigits(8)}`,
  'supplemented e-mail': `added.${uniqueDigits(10)}@example.org`,
  'supplemented address': `广州市越秀区金丝雀街${uniqueDigits(9)}号`,
  'broken ID number': residentId(),
} satisfies Canaries;
/** Financial: stored as numbers, shown to those who may see them, in no log, trace or event. */
const financial = { balance: uniqueDigits(13), 'amount of a transaction': uniqueDigits(12) } satisfies Canaries;
const all: Canaries = { ...identifying, ...financial };

const replies: Reply[] = [];
let shownToSteward: string;

let moments: Record<ServiceName, string>;

beforeAll(async () => {
  moments = { customer: await momentOf('customer'), directory: await momentOf('directory'), gateway: await momentOf('gateway') };
  const [rm, teller, admin, operator, steward] = await Promise.all(
    [managerOfOthers, people.teller, people.admin, people.operator, people.steward].map(as),
  );
  const customer = newCustomer({
    identifiers: [
      { kind: IdentifierKind.RESIDENT_ID, value: identifying['ID number'], issuingCountryCode: 'CN', expireDate: '' },
      { kind: IdentifierKind.PASSPORT, value: identifying.passport, issuingCountryCode: 'CN', expireDate: '' },
    ],
    contacts: [
      { kind: ContactKind.MOBILE, value: identifying.mobile, preferred: true },
      { kind: ContactKind.PHONE, value: identifying.phone, preferred: false },
      { kind: ContactKind.EMAIL, value: identifying['e-mail'], preferred: false },
    ],
    addresses: [{ purpose: 'home', regionCode: '440106', line: identifying.address, postalCode: '510000' }],
  });
  const cny = (minor: string) => ({ currencyCode: 'CNY', minorUnits: BigInt(minor) });
  const account = newAccount(customer, {
    number: identifying['account number'],
    balance: cny(financial.balance),
    availableBalance: cny(financial.balance),
  });
  const card = newAccount(customer, {
    sourceId: `${customer.sourceId}-02`,
    kind: AccountKind.DEBIT_CARD,
    number: identifying['card number'],
    balance: undefined,
    availableBalance: undefined,
  });
  const posting = newTransaction(account, {
    amount: cny(financial['amount of a transaction']),
    balanceAfter: cny(financial.balance),
    counterpartyAccount: identifying['counterparty account'],
  });
  await send([customerMessage(customer), accountMessage(account), accountMessage(card), transactionMessage(posting)]);
  // Every way of being broken, with values that must not be told by the letter, the log or the span about it.
  const next = {
    ...customer,
    version: 2n,
    identifiers: [{ ...customer.identifiers[0]!, value: identifying['broken ID number'] }],
  };
  const broken = [
    customerMessage(next),
    customerMessage(next, 'json'),
    accountMessage({ ...account, version: 2n }),
    transactionMessage(posting),
  ];
  for (const message of broken)
    for (const kind of brokenKinds) await send([breakMessage(kind, message)].flatMap((one) => one ?? []));
  const json = JSON.stringify({
    sourceSystem: 'core',
    sourceId: customer.sourceId,
    version: identifying['broken ID number'],
    colour: identifying['broken ID number'],
  });
  await send([{ ...customerMessage(next, 'json'), value: Buffer.from(json) }]);
  await untilApplied();

  const { name } = await customerByNumber(rm!, customer.sourceId);
  for (const value of Object.values(identifying)) await search(rm!, value.slice(0, 64));
  const { identifiers, contacts } = await getCustomer(rm!, name);
  const { holdings } = await view360(rm!, name);
  const fields = [...identifiers, ...contacts]
    .map(({ field }) => field)
    .concat(holdings.map((holding) => holding.name.slice(name.length + 1)));
  await rm!.post(`/v1/${name}:reveal`, { fields, reasonCode: 'IDENTITY_CHECK' });
  const key = { 'idempotency-key': `canary-${customer.sourceId}` };
  const values = [
    { field: 'mobile', value: identifying['supplemented mobile'] },
    { field: 'email', value: identifying['supplemented e-mail'] },
    { field: 'home_address', value: identifying['supplemented address'] },
  ];
  const supplement = async (headers: Record<string, string>) =>
    rm!.post(`/v1/${name}:supplement`, { values }, { ...headers, 'if-match': `"${(await getCustomer(rm!, name)).etag}"` });
  expect((await supplement(key)).status).toBe(200);
  const presented = (value: string) => ({ kind: 'PRESENTED_KIND_ID_NUMBER', value, channel: 'counter', note: '' });
  expect((await teller!.post('/v1/customers:startService', presented(identifying['ID number']))).status).toBe(200);

  // What goes wrong with such values in it.
  replies.push(
    await supplement(key),
    await teller!.post('/v1/customers:startService', presented(identifying['broken ID number'])),
    await teller!.post('/v1/customers:startService', {
      ...presented(identifying['ID number']),
      colour: identifying['ID number'],
    }),
    await rm!.post('/v1/customers:search', { query: { deep: identifying.mobile } }),
    await rm!.send('POST', '/v1/customers:search', { body: `{"query":"${identifying.mobile}"` }),
    await rm!.get('/v1/customers', { filter: `mobile = "${identifying.mobile}"` }),
    await rm!.get(`/v1/customers/${identifying.passport}`),
    await rm!.post(`/v1/${name}/interactions`, {
      kind: 'call',
      direction: 'inbound',
      summary: `证件 ${identifying['ID number']}`,
    }),
    await rm!.post(
      `/v1/${name}:supplement`,
      { values: [{ field: identifying.mobile, value: identifying.mobile }] },
      { 'if-match': '"999"' },
    ),
    await admin!.get(`/v1/${name}:view360`),
    await rm!.get(`/v1/${name}/history`, { pageSize: 200 }),
    await operator!.get('/v1/deadLetters', { pageSize: 200 }),
    await steward!.get('/v1/deadLetters', { pageSize: 200 }),
    await http('GET', `/v1/customers?filter=${identifying.mobile}`, {
      headers: { authorization: `Bearer ${identifying['ID number']}` },
    }),
  );
  const letters = await deadLetters(steward!, 'reason = "UNKNOWN_TYPE"');
  const read = await Promise.all(letters.map(({ name: letter }) => steward!.get(`/v1/${letter}:read`)));
  shownToSteward = read.map(({ text }) => text).join('\n');
  const trace = replies.at(-1)!.headers.get('x-trace-id')!;
  // Telemetry goes out in batches: when the last request's span is there, so are those before it.
  await vi.waitFor(() => expect(exportsOf('gateway')).toContain(trace), { timeout: 10_000, interval: 200 });
}, 120_000);

describe('canary values of every identifying and financial field', () => {
  it('were really there to be found: a data steward reads them in the letters', () => {
    expect(
      sightings({ id: identifying['broken ID number'], account: identifying['account number'] }, 'a letter', shownToSteward),
    ).toEqual(['id in a letter', 'account in a letter']);
  });

  it('are in no log and no trace', () => {
    expect(sightingsInLogs(all)).toEqual([]);
  });

  it('are in no event', async () => {
    expect(await sightingsInEvents(all)).toEqual([]);
  });

  it('are in no refusal, no dead-letter listing, no history and no view of somebody who sees no amounts', () => {
    expect(replies.flatMap((reply, index) => sightings(all, `reply ${index}: ${reply.text.slice(0, 80)}`, reply.text))).toEqual(
      [],
    );
  });

  it.each(['customer', 'directory', 'gateway'] as const)(
    'that identify are in no table column of the %s in the clear',
    async (service) => {
      expect(await sightingsInTables(identifying, service, moments[service])).toEqual([]);
    },
  );
});
