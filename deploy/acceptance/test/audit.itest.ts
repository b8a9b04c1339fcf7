import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { customerByNumber, getCustomer, listCustomers } from '../src/api.ts';
import { as, type Person, type Reply } from '../src/client.ts';
import { customerMessage, managerOfOthers, newCustomer } from '../src/core-bank.ts';
import { contentOf, send, untilApplied } from '../src/kafka.ts';
import { numberOf, portfolioOf } from '../src/ledger.ts';
import { people } from '../src/people.ts';
import { servicesWithCalls } from '../src/services.ts';
import { staffByNumber } from '../src/staff-api.ts';

const topic = 'bankcrm.audit.v1.entries';
type Act = { reply: Reply; status: number; entry: Partial<Entry> };

/** One of each kind of act, with the entry that it must leave. Every reply names its trace, and so does its entry. */
let acts: Map<string, Act>;
let entries: Entry[];
/** Customers of a colleague that somebody else tried one after the other. */
let walked: { customer: string; trace: string }[];
let snapshotId: string;

beforeAll(async () => {
  const [rm, teller, admin, colleague, steward] = (await Promise.all(
    [managerOfOthers, people.otherTeller, people.admin, people.colleague, people.steward].map(as) as Promise<Person>[],
  )) as [Person, Person, Person, Person, Person];
  const snapshot = newCustomer();
  snapshotId = snapshot.sourceId;
  await send([customerMessage(snapshot)]);
  await untilApplied();
  const { name } = await customerByNumber(rm, snapshot.sourceId);
  const { identifiers } = await getCustomer(rm, name);
  const actor = {
    rm: await actorOf(admin, managerOfOthers),
    teller: await actorOf(admin, people.otherTeller),
    admin: await actorOf(admin, people.admin),
  };
  const theirs = (
    await customerByNumber(colleague, numberOf(portfolioOf(people.colleague).find(({ customer }) => !customer.restricted)!))
  ).name;
  const customers = 'bankcrm.customer.v1.Customers';
  const staff = 'bankcrm.directory.v1.Staff';
  const allowed = { decision: Decision.ALLOWED, actor: actor.rm, customer: name };
  const refusedCall = { decision: Decision.REFUSED, actor: actor.rm };
  const operator = await staffByNumber(admin, people.operator);
  const etag = { 'if-match': `"${(await getCustomer(rm, name)).etag}"` };

  acts = new Map<string, Act>();
  const act = async (what: string, reply: Promise<Reply>, status: number, entry: Partial<Entry>) => {
    acts.set(what, { reply: await reply, status, entry });
  };
  await act('a view', rm.get(`/v1/${name}`), 200, { ...allowed, operation: `${customers}/GetCustomer` });
  await act('a 360', rm.get(`/v1/${name}:view360`), 200, { ...allowed, operation: `${customers}/ViewCustomer360` });
  await act('transactions', rm.get(`/v1/${name}/transactions`), 200, { ...allowed, operation: `${customers}/ListTransactions` });
  await act('a search', rm.post('/v1/customers:search', { query: '测试·新客户' }), 200, {
    decision: Decision.ALLOWED,
    actor: actor.rm,
    operation: `${customers}/SearchCustomers`,
  });
  const reveal = { fields: [identifiers[0]!.field], reasonCode: 'IDENTITY_CHECK' };
  await act('a reveal', rm.post(`/v1/${name}:reveal`, reveal), 200, {
    ...allowed,
    operation: `${customers}/RevealFields`,
    reason: 'IDENTITY_CHECK',
    highPrivilege: true,
  });
  await act('a supplement', rm.post(`/v1/${name}:supplement`, { values: [{ field: 'education', value: '本科' }] }, etag), 200, {
    ...allowed,
    operation: `${customers}/SupplementCustomer`,
  });
  await act('a call', rm.post(`/v1/${name}/interactions`, { kind: 'call', direction: 'inbound', summary: '来电' }), 200, {
    ...allowed,
    operation: 'bankcrm.customer.v1.Interactions/CreateInteraction',
  });
  const presented = { kind: 'PRESENTED_KIND_ID_NUMBER', value: snapshot.identifiers[0]!.value, channel: 'counter' };
  await act('a walk-in', teller.post('/v1/customers:startService', presented), 200, {
    ...allowed,
    actor: actor.teller,
    operation: `${customers}/StartService`,
  });
  await act('an unlock', admin.post(`/v1/${operator.name}:unlock`), 200, {
    decision: Decision.ALLOWED,
    actor: actor.admin,
    operation: `${staff}/UnlockStaff`,
    resource: operator.name,
    highPrivilege: true,
  });
  await act('a pause that is not allowed', rm.post('/v1/syncStates/core.corebanking.customers.v1:pause', { reason: 'x' }), 403, {
    ...refusedCall,
    operation: 'bankcrm.customer.v1.CoreBankingSync/PauseSync',
    reason: 'PERMISSION_MISSING',
  });
  await act("a view of a colleague's customer", rm.get(`/v1/${theirs}`), 404, {
    ...refusedCall,
    customer: theirs,
    resource: '',
    operation: `${customers}/GetCustomer`,
    reason: 'NOT_FOUND',
  });
  await act(
    "a note on a colleague's customer",
    rm.post(`/v1/${theirs}/interactions`, { kind: 'call', direction: 'inbound', summary: 'x' }),
    404,
    { ...refusedCall, customer: theirs, operation: 'bankcrm.customer.v1.Interactions/CreateInteraction', reason: 'NOT_FOUND' },
  );
  const call = (JSON.parse(acts.get('a call')!.reply.text) as { name: string }).name;
  await act('a step that there is none of', rm.post(`/v1/${call}:completeNextStep`, {}, { 'if-match': '"1"' }), 409, {
    ...refusedCall,
    customer: name,
    resource: call,
    operation: 'bankcrm.customer.v1.Interactions/CompleteNextStep',
    reason: 'NO_NEXT_STEP',
  });
  await act(
    'a suspension that is not allowed',
    rm.post(`/v1/${operator.name}:suspend`, { reason: 'x' }, { 'if-match': '"1"' }),
    403,
    {
      ...refusedCall,
      customer: '',
      resource: operator.name,
      operation: `${staff}/SuspendStaff`,
      reason: 'PERMISSION_MISSING',
      highPrivilege: true,
    },
  );
  const resync = { sourceSystem: 'core', customerSourceIds: [snapshot.sourceId], reason: 'audit' };
  await act('a resync', steward.post('/v1/resyncs', resync), 200, {
    decision: Decision.ALLOWED,
    operation: 'bankcrm.customer.v1.CoreBankingSync/RequestResync',
  });

  const compliance = await as(people.compliance);
  for (let view = 0; view <= 10; view += 1) await compliance.get('/v1/auditEntries', { pageSize: 1 });

  walked = [];
  for (const { name: customer } of (await listCustomers(colleague)).slice(0, 30)) {
    const reply = await rm.get(`/v1/${customer}/transactions`);
    walked.push({ customer, trace: reply.headers.get('x-trace-id')! });
  }

  const traces = [...[...acts.values()].map(({ reply }) => reply.headers.get('x-trace-id')), ...walked.map(({ trace }) => trace)];
  const read = async () => {
    entries = (await contentOf(topic)).map(({ value }) => Entry.decode(value));
    const known = new Set(entries.map(({ traceId }) => traceId));
    expect(traces.filter((trace) => !known.has(trace ?? ''))).toEqual([]);
  };
  // What is still missing when the time is up fails in the test that names it.
  await vi.waitFor(read, { timeout: 25_000, interval: 500 }).catch(() => undefined);
}, 90_000);

const actorOf = async (admin: Person, staffNumber: string): Promise<string> => (await staffByNumber(admin, staffNumber)).name;

describe('the audit log', () => {
  it.each([
    'a view',
    'a 360',
    'transactions',
    'a search',
    'a reveal',
    'a supplement',
    'a call',
    'a walk-in',
    'an unlock',
    'a resync',
    'a pause that is not allowed',
    "a view of a colleague's customer",
    "a note on a colleague's customer",
    'a step that there is none of',
    'a suspension that is not allowed',
  ])('has one entry about %s: who, what, whose, the decision and the reason', (what) => {
    const { reply, status, entry } = acts.get(what)!;
    expect(reply.status, reply.text).toBe(status);
    const found = entries.filter(({ traceId }) => traceId === reply.headers.get('x-trace-id'));
    expect(found.length).toBe(1);
    expect(found[0]).toMatchObject(entry);
    for (const address of [found[0]?.callerAddress, found[0]?.peerAddress])
      expect(address).toMatch(/^(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/);
    expect(Math.abs(found[0]!.eventTime!.getTime() - Date.now())).toBeLessThan(600_000);
  });

  it('names every customer that somebody tried who may see none of them, however many', () => {
    expect(walked.length).toBeGreaterThan(10);
    const tried = new Map(entries.map(({ traceId, customer, count }) => [traceId, { customer, count }]));
    for (const { customer, trace } of walked) expect(tried.get(trace)).toEqual({ customer, count: 1n });
  });

  it('keeps hashes of what was before and after, never the values', () => {
    const { reply } = acts.get('a supplement')!;
    const entry = entries.find(({ traceId }) => traceId === reply.headers.get('x-trace-id'))!;
    expect(entry.newValueHash.length).toBe(32);
    expect(Buffer.from(Entry.encode(entry).finish()).includes('本科')).toBe(false);
  });

  it('numbers the entries of each service without a gap, and no two alike', () => {
    for (const service of servicesWithCalls) {
      // An entry may arrive twice, after a relay was killed between sending and marking; then it is the same one.
      const numberOf = new Map(
        entries.filter((entry) => entry.service === service).map(({ entryId, number }) => [entryId, Number(number)]),
      );
      const numbers = [...numberOf.values()].sort((a, b) => a - b);
      expect(numbers.length).toBeGreaterThan(10);
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    }
  });

  it('has the applied batches of the sync, with how many rows each', () => {
    const batches = entries.filter(({ operation }) => operation === 'sync/corebanking.customers.v1');
    expect(batches.length).toBeGreaterThan(0);
    expect(batches.every(({ count, actor }) => count > 0n && actor === 'services/customer')).toBe(true);
  });

  it('is mirrored in the history that the customer service keeps of the customer', async () => {
    const rm = await as(managerOfOthers);
    const { name } = await customerByNumber(rm, snapshotId);
    const reply = JSON.parse((await rm.get(`/v1/${name}/history`, { pageSize: 200 })).text) as {
      entries: { operation: string; reason?: string }[];
    };
    const operations = reply.entries.map(({ operation }) => operation.split('/')[1]);
    expect(operations).toEqual(
      expect.arrayContaining([
        'GetCustomer',
        'ViewCustomer360',
        'RevealFields',
        'SupplementCustomer',
        'CreateInteraction',
        'StartService',
      ]),
    );
  });
});
