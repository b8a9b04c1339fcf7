import { ContactsService, FindByContactRequest } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { AccountKind } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import {
  ContactKind,
  type CustomerSnapshot,
  IdentifierKind,
  type Individual,
  Organisation,
} from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { breakMessage, brokenKinds } from '@bankcrm/simulator';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { customerByNumber, getCustomer, search, view360 } from '../src/api.ts';
import { type Canaries, momentOf, sightings, sightingsInEvents, sightingsInLogs, sightingsInTables } from '../src/canaries.ts';
import { as, http, type Reply } from '../src/client.ts';
import {
  accountMessage,
  branchOfOthers,
  customerMessage,
  managerOfOthers,
  newAccount,
  newCustomer,
  newTransaction,
  residentId,
  transactionMessage,
  uniqueDigits,
} from '../src/core-bank.ts';
import { inputsOf } from '../src/data-classes.ts';
import { callService } from '../src/grpc.ts';
import { send, untilApplied } from '../src/kafka.ts';
import { tokenOfService } from '../src/keycloak.ts';
import { people } from '../src/people.ts';
import { servicesWithDatabase } from '../src/services.ts';
import { exportsOf } from '../src/spans.ts';
import { correctDeadLetter, deadLetters, replayDeadLetters } from '../src/sync-api.ts';

/** Identifying: nowhere in the clear but in core banking's own topics and in the replies of a reveal or a steward's reading. */
const identifying = {
  'corebanking.v1.Identifier.value RESIDENT_ID': residentId(),
  'corebanking.v1.Identifier.value RESIDENT_ID in a broken message': residentId(),
  'corebanking.v1.Identifier.value PASSPORT': `E${uniqueDigits(8)}`,
  'corebanking.v1.Identifier.value TRAVEL_PERMIT': `H${uniqueDigits(10)}`,
  'corebanking.v1.Identifier.value FOREIGNER_RESIDENCE': `CHN${uniqueDigits(12)}`,
  'corebanking.v1.Identifier.value UNIFIED_SOCIAL_CREDIT_CODE': `91440106MA${uniqueDigits(8)}`,
  'corebanking.v1.Identifier.value OTHER': `JG${uniqueDigits(9)}`,
  'corebanking.v1.Contact.value MOBILE': `136${uniqueDigits(8)}`,
  'corebanking.v1.Contact.value PHONE': `020-${uniqueDigits(8)}`,
  'corebanking.v1.Contact.value EMAIL': `canary.${uniqueDigits(10)}@example.org`,
  'corebanking.v1.Address.line home': `广州市天河区金丝雀路${uniqueDigits(9)}号`,
  'corebanking.v1.Address.line work': `广州市海珠区金丝雀道${uniqueDigits(9)}号`,
  'corebanking.v1.Address.line registered': `广州市白云区金丝雀巷${uniqueDigits(9)}号`,
  'corebanking.v1.Address.postal_code': `5100${uniqueDigits(10)}`,
  'corebanking.v1.AccountSnapshot.number': `6299${uniqueDigits(14)}`,
  'corebanking.v1.AccountSnapshot.number of a card': `62${uniqueDigits(17)}`,
  'corebanking.v1.TransactionPosted.counterparty_account': `6288${uniqueDigits(13)}`,
  'bankcrm.customer.v1.SearchCustomersRequest.query': `137${uniqueDigits(8)}`,
  'bankcrm.customer.v1.StartServiceRequest.value ID_NUMBER': residentId(),
  'bankcrm.customer.v1.StartServiceRequest.value ACCOUNT_NUMBER': `6299${uniqueDigits(14)}`,
  'bankcrm.customer.v1.StartServiceRequest.value CARD_NUMBER': `62${uniqueDigits(17)}`,
  'bankcrm.customer.v1.StartServiceRequest.value PHONE': `134${uniqueDigits(8)}`,
  'bankcrm.customer.v1.FindByContactRequest.contact': `133${uniqueDigits(8)}`,
  'bankcrm.customer.v1.SupplementValue.value mobile': `135${uniqueDigits(8)}`,
  'bankcrm.customer.v1.SupplementValue.value email': `added.${uniqueDigits(10)}@example.org`,
  'bankcrm.customer.v1.SupplementValue.value home_address': `广州市越秀区金丝雀街${uniqueDigits(9)}号`,
  'bankcrm.customer.v1.CorrectDeadLetterRequest.json': residentId(),
} satisfies Canaries;
/** Financial: stored as they are, shown to those who may see them, in no log, trace or event. */
const financial = {
  'corebanking.v1.Individual.annual_income': BigInt(uniqueDigits(11)),
  'corebanking.v1.Organisation.registered_capital': BigInt(uniqueDigits(12)),
  'corebanking.v1.AccountSnapshot.balance': BigInt(uniqueDigits(11)),
  'corebanking.v1.AccountSnapshot.available_balance': BigInt(uniqueDigits(11)),
  'corebanking.v1.AccountSnapshot.credit_limit': BigInt(uniqueDigits(11)),
  'corebanking.v1.AccountSnapshot.principal': BigInt(uniqueDigits(11)),
  'corebanking.v1.AccountSnapshot.annual_rate_micros': BigInt(uniqueDigits(13)),
  'corebanking.v1.AccountSnapshot.maturity_date': `8${uniqueDigits(3)}-0${uniqueDigits(1)}-1${uniqueDigits(1)}`,
  'corebanking.v1.AccountSnapshot.days_past_due': BigInt(`1${uniqueDigits(9)}`),
  'corebanking.v1.TransactionLimit.limit': BigInt(uniqueDigits(11)),
  'corebanking.v1.TransactionPosted.amount': BigInt(uniqueDigits(11)),
  'corebanking.v1.TransactionPosted.balance_after': BigInt(uniqueDigits(11)),
  'corebanking.v1.TransactionPosted.kind': `canary-${uniqueDigits(12)}`,
  'corebanking.v1.TransactionPosted.counterparty_name': `金丝雀${uniqueDigits(9)}公司`,
  'corebanking.v1.TransactionPosted.remark': `金丝雀备注${uniqueDigits(9)}`,
} satisfies Canaries;
const all: Canaries = { ...identifying, ...financial };

/** Everything that the core published and people asked, as it was planted. */
const planted: unknown[] = [];
const replies: Reply[] = [];
let shownToSteward: string;

let moments: ReadonlyMap<string, string>;

beforeAll(async () => {
  moments = new Map(await Promise.all(servicesWithDatabase.map(async (name) => [name, await momentOf(name)] as const)));
  const [rm, teller, admin, operator, steward] = await Promise.all(
    [managerOfOthers, people.teller, people.admin, people.operator, people.steward].map(as),
  );
  const identifier = (kind: IdentifierKind, value: string) => ({ kind, value, issuingCountryCode: 'CN', expireDate: '' });
  const address = (purpose: string, line: string) => ({
    purpose,
    regionCode: '440106',
    line,
    postalCode: identifying['corebanking.v1.Address.postal_code'],
  });
  const cny = (units: bigint) => ({ currencyCode: 'CNY', minorUnits: units * 100n });
  const person = newCustomer();
  const customer: CustomerSnapshot = {
    ...person,
    profile: {
      $case: 'individual',
      value: {
        ...(person.profile!.value as Individual),
        annualIncome: cny(financial['corebanking.v1.Individual.annual_income']),
      },
    },
    identifiers: [
      identifier(IdentifierKind.RESIDENT_ID, identifying['corebanking.v1.Identifier.value RESIDENT_ID']),
      identifier(IdentifierKind.PASSPORT, identifying['corebanking.v1.Identifier.value PASSPORT']),
      identifier(IdentifierKind.TRAVEL_PERMIT, identifying['corebanking.v1.Identifier.value TRAVEL_PERMIT']),
      identifier(IdentifierKind.FOREIGNER_RESIDENCE, identifying['corebanking.v1.Identifier.value FOREIGNER_RESIDENCE']),
    ],
    contacts: [
      { kind: ContactKind.MOBILE, value: identifying['corebanking.v1.Contact.value MOBILE'], preferred: true },
      { kind: ContactKind.PHONE, value: identifying['corebanking.v1.Contact.value PHONE'], preferred: false },
      { kind: ContactKind.EMAIL, value: identifying['corebanking.v1.Contact.value EMAIL'], preferred: false },
    ],
    addresses: [
      address('home', identifying['corebanking.v1.Address.line home']),
      address('work', identifying['corebanking.v1.Address.line work']),
    ],
  };
  const organisation = newCustomer({
    profile: {
      $case: 'organisation',
      value: Organisation.fromPartial({
        fullName: '测试·金丝雀公司',
        registeredCapital: cny(financial['corebanking.v1.Organisation.registered_capital']),
      }),
    },
    identifiers: [
      identifier(
        IdentifierKind.UNIFIED_SOCIAL_CREDIT_CODE,
        identifying['corebanking.v1.Identifier.value UNIFIED_SOCIAL_CREDIT_CODE'],
      ),
      identifier(IdentifierKind.OTHER, identifying['corebanking.v1.Identifier.value OTHER']),
    ],
    addresses: [address('registered', identifying['corebanking.v1.Address.line registered'])],
  });
  const account = newAccount(customer, {
    kind: AccountKind.LOAN,
    number: identifying['corebanking.v1.AccountSnapshot.number'],
    balance: cny(financial['corebanking.v1.AccountSnapshot.balance']),
    availableBalance: cny(financial['corebanking.v1.AccountSnapshot.available_balance']),
    creditLimit: cny(financial['corebanking.v1.AccountSnapshot.credit_limit']),
    principal: cny(financial['corebanking.v1.AccountSnapshot.principal']),
    annualRateMicros: financial['corebanking.v1.AccountSnapshot.annual_rate_micros'],
    maturityDate: financial['corebanking.v1.AccountSnapshot.maturity_date'],
    daysPastDue: Number(financial['corebanking.v1.AccountSnapshot.days_past_due']),
    limits: [{ kind: 'transaction-daily', channel: '', limit: cny(financial['corebanking.v1.TransactionLimit.limit']) }],
  });
  const card = newAccount(customer, {
    sourceId: `${customer.sourceId}-02`,
    kind: AccountKind.DEBIT_CARD,
    number: identifying['corebanking.v1.AccountSnapshot.number of a card'],
    balance: undefined,
    availableBalance: undefined,
  });
  const posting = newTransaction(account, {
    amount: cny(financial['corebanking.v1.TransactionPosted.amount']),
    balanceAfter: cny(financial['corebanking.v1.TransactionPosted.balance_after']),
    kind: financial['corebanking.v1.TransactionPosted.kind'],
    counterpartyName: financial['corebanking.v1.TransactionPosted.counterparty_name'],
    counterpartyAccount: identifying['corebanking.v1.TransactionPosted.counterparty_account'],
    remark: financial['corebanking.v1.TransactionPosted.remark'],
  });
  await send([
    customerMessage(customer),
    customerMessage(organisation),
    accountMessage(account),
    accountMessage(card),
    transactionMessage(posting),
  ]);
  // Every way of being broken, with values that must not be told by the letter, the log or the span about it.
  const brokenId = identifying['corebanking.v1.Identifier.value RESIDENT_ID in a broken message'];
  const next = {
    ...customer,
    version: 2n,
    identifiers: [{ ...customer.identifiers[0]!, value: brokenId }],
  };
  planted.push(customer, organisation, account, card, posting, next);
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
    // No number, and a field that nobody knows.
    version: `${brokenId}X`,
    colour: brokenId,
  });
  const correctedId = identifying['bankcrm.customer.v1.CorrectDeadLetterRequest.json'];
  const correctable = { ...next, version: 3n, identifiers: [{ ...customer.identifiers[0]!, value: correctedId }] };
  const correction = customerMessage(correctable, 'json').value.toString('utf8');
  await send([{ ...customerMessage(next, 'json'), value: Buffer.from(json) }]);
  const [asleep] = await send([breakMessage('unknown-enum', customerMessage(correctable, 'json'))!]);
  await untilApplied();

  const idNumber = identifying['corebanking.v1.Identifier.value RESIDENT_ID'];
  const mobile = identifying['corebanking.v1.Contact.value MOBILE'];
  const { name } = await customerByNumber(rm!, customer.sourceId);
  const company = await customerByNumber(rm!, organisation.sourceId);
  for (const value of Object.values(identifying)) await search(rm!, value.slice(0, 64));
  const { identifiers, contacts } = await getCustomer(rm!, name);
  const { holdings } = await view360(rm!, name);
  const fields = [...identifiers, ...contacts]
    .map(({ field }) => field)
    .concat(holdings.map((holding) => holding.name.slice(name.length + 1)));
  await rm!.post(`/v1/${name}:reveal`, { fields, reasonCode: 'IDENTITY_CHECK' });
  const key = { 'idempotency-key': `canary-${customer.sourceId}` };
  const values = [
    { field: 'mobile', value: identifying['bankcrm.customer.v1.SupplementValue.value mobile'] },
    { field: 'email', value: identifying['bankcrm.customer.v1.SupplementValue.value email'] },
    { field: 'home_address', value: identifying['bankcrm.customer.v1.SupplementValue.value home_address'] },
  ];
  const supplement = async (headers: Record<string, string>) =>
    rm!.post(`/v1/${name}:supplement`, { values }, { ...headers, 'if-match': `"${(await getCustomer(rm!, name)).etag}"` });
  expect((await supplement(key)).status).toBe(200);
  const start = (kind: string, value: string, more: object = {}) =>
    teller!.post('/v1/customers:startService', { kind: `PRESENTED_KIND_${kind}`, value, channel: 'counter', note: '', ...more });
  expect((await start('ID_NUMBER', idNumber)).status).toBe(200);
  const query = identifying['bankcrm.customer.v1.SearchCustomersRequest.query'];
  expect((await search(rm!, query)).customers).toEqual([]);
  await rm!.get(`/v1/${name}/transactions`, { filter: `kind = "${posting.kind}"` });
  const contact = identifying['bankcrm.customer.v1.FindByContactRequest.contact'];
  const asked = FindByContactRequest.encode({ contact }).finish();
  const find = (token: string) => callService('customer', ContactsService.findByContact.path, { token, request: asked });
  const refusals = [await find(rm!.token), await find(await tokenOfService('directory'))];
  expect(refusals.map(({ code }) => code)).toEqual(['PERMISSION_DENIED', 'PERMISSION_DENIED']);
  const letters = await deadLetters(steward!, `topic = "${asleep!.topic}" AND reason = "UNKNOWN_ENUM"`);
  const letter = letters.find(({ partition, offset }) => partition === asleep!.partition && offset === asleep!.offset)!;
  await correctDeadLetter(steward!, letter, correction);
  await replayDeadLetters(steward!, { name: letter.name });
  const presented = ['ID_NUMBER', 'ACCOUNT_NUMBER', 'CARD_NUMBER', 'PHONE'] as const;
  const walkIns = presented.map((kind) => [kind, identifying[`bankcrm.customer.v1.StartServiceRequest.value ${kind}`]] as const);
  planted.push(values, query, contact, correction, walkIns);

  // What goes wrong with such values in it.
  replies.push(
    await supplement(key),
    ...(await Promise.all(walkIns.map(([kind, value]) => start(kind, value)))),
    await start('ID_NUMBER', brokenId),
    await start('ID_NUMBER', idNumber, { colour: idNumber }),
    await rm!.post('/v1/customers:search', { query: { deep: mobile } }),
    await rm!.send('POST', '/v1/customers:search', { body: `{"query":"${mobile}"` }),
    await rm!.get('/v1/customers', { filter: `mobile = "${mobile}"` }),
    await rm!.get(`/v1/customers/${identifying['corebanking.v1.Identifier.value PASSPORT']}`),
    await rm!.post(`/v1/${name}/interactions`, {
      kind: 'call',
      direction: 'inbound',
      summary: `证件 ${idNumber}`,
    }),
    await rm!.post(`/v1/${name}:supplement`, { values: [{ field: mobile, value: mobile }] }, { 'if-match': '"999"' }),
    await admin!.get(`/v1/${name}:view360`),
    await admin!.get(`/v1/${company.name}:view360`),
    await admin!.get('/v1/customers', { filter: `home_org_unit_code = "${branchOfOthers}"`, pageSize: 200 }),
    await rm!.get(`/v1/${name}/history`, { pageSize: 200 }),
    await operator!.get('/v1/deadLetters', { pageSize: 200 }),
    await steward!.get('/v1/deadLetters', { pageSize: 200 }),
    await http('GET', `/v1/customers?filter=${mobile}`, {
      headers: { authorization: `Bearer ${idNumber}` },
    }),
  );
  const unknown = await deadLetters(steward!, 'reason = "UNKNOWN_TYPE"');
  const read = await Promise.all(unknown.map(({ name: letter }) => steward!.get(`/v1/${letter}:read`)));
  shownToSteward = read.map(({ text }) => text).join('\n');
  const trace = replies.at(-1)!.headers.get('x-trace-id')!;
  // Telemetry goes out in batches: when the last request's span is there, so are those before it.
  await vi.waitFor(() => expect(exportsOf('gateway')).toContain(trace), { timeout: 10_000, interval: 200 });
}, 120_000);

describe('canary values of every identifying and financial field', () => {
  it.each([
    ['identifying', identifying, DataClass.C2_IDENTIFYING],
    ['financial', financial, DataClass.C2_FINANCIAL],
  ] as const)('are one at least for every %s field by which a value comes in', (_class, canaries, dataClass) => {
    const fields = inputsOf(dataClass);
    const fieldOf = (canary: string) => fields.find((field) => canary === field || canary.startsWith(`${field} `)) ?? canary;
    expect([...new Set(Object.keys(canaries).map(fieldOf))].sort()).toEqual(fields.sort());
  });

  it('were really planted', () => {
    const text = JSON.stringify(planted, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
    expect(sightings(all, 'what was planted', text)).toEqual(Object.keys(all).map((canary) => `${canary} in what was planted`));
  });

  it('were really there to be found: a data steward reads them in the letters', () => {
    const {
      'corebanking.v1.Identifier.value RESIDENT_ID in a broken message': id,
      'corebanking.v1.AccountSnapshot.number': account,
    } = identifying;
    expect(sightings({ id, account }, 'a letter', shownToSteward)).toEqual(['id in a letter', 'account in a letter']);
  });

  it('are in no log and no trace', () => {
    expect(sightingsInLogs(all)).toEqual([]);
  });

  it('are in no event but those of topics that are declared to hold them', async () => {
    expect(await sightingsInEvents(identifying, financial)).toEqual([]);
  });

  it('are in no refusal, no dead-letter listing, no history and no view of somebody who sees no amounts', () => {
    expect(replies.flatMap((reply, index) => sightings(all, `reply ${index}: ${reply.text.slice(0, 80)}`, reply.text))).toEqual(
      [],
    );
  });

  it.each(servicesWithDatabase)('that identify are in no table column of the %s in the clear', async (service) => {
    expect(await sightingsInTables(identifying, service, moments.get(service)!)).toEqual([]);
  });
});
