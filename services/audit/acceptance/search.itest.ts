import { customerByNumber, getCustomer, listCustomers, pages, search, view360 } from '@bankcrm/acceptance/api.ts';
import { as, http, type Person, problem, read } from '@bankcrm/acceptance/client.ts';
import { customerMessage, managerOfOthers, newCustomer } from '@bankcrm/acceptance/core-bank.ts';
import { send, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { staffByNumber } from '@bankcrm/acceptance/staff-api.ts';
import { AuditEntry, AuditLog, ListAuditEntriesResponse } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { Decision } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { beforeAll, describe, expect, it, vi } from 'vitest';

const area = 'bankcrm.audit.v1';
/** Waits for a fact. */
const soon = <T>(check: () => Promise<T>, limits = { timeout: 10_000, interval: 100 }): Promise<T> => vi.waitFor(check, limits);
const customers = 'bankcrm.customer.v1.Customers';

const find = async (person: Person, filter: string): Promise<AuditEntry[]> => {
  const reply = await person.post('/v1/auditEntries:search', { filter, pageSize: 200 });
  return read(`${area}.ListAuditEntriesResponse`, ListAuditEntriesResponse, reply).entries;
};
const trail = async (person: Person, filter = ''): Promise<AuditEntry[]> => {
  const found = await pages(person, '/v1/auditEntries', `${area}.ListAuditEntriesResponse`, ListAuditEntriesResponse, {
    pageSize: 200,
    ...(filter === '' ? {} : { filter }),
  });
  return found.flatMap(({ entries }) => entries);
};
const logState = async (person: Person): Promise<AuditLog> =>
  read(`${area}.AuditLog`, AuditLog, await person.get('/v1/auditLog'));

let compliance: Person;
let admin: Person;
let rm: Person;
let manager: Person;
let staff: Record<'rm' | 'manager' | 'compliance' | 'hq' | 'shanghai', string>;
let name: string;

beforeAll(async () => {
  [compliance, admin, rm, manager] = await Promise.all([
    as(people.compliance),
    as(people.admin),
    as(managerOfOthers),
    as(people.guangzhouManager),
  ]);
  const snapshot = newCustomer({ fullName: '张伟' });
  await send([customerMessage(snapshot)]);
  await untilApplied();
  name = (await customerByNumber(rm, snapshot.sourceId)).name;
  const nameOf = async (number: string) => (await staffByNumber(admin, number)).name;
  staff = {
    rm: await nameOf(managerOfOthers),
    manager: await nameOf(people.guangzhouManager),
    compliance: await nameOf(people.compliance),
    hq: await nameOf(people.hqManager),
    shanghai: await nameOf(people.shanghaiManager),
  };
});

describe('the log tells compliance', () => {
  it('who looked at a customer, when, at which fields, and that it is anchored', async () => {
    const start = new Date().toISOString();
    await view360(rm, name);
    const { identifiers } = await getCustomer(rm, name);
    const revealed = await rm.post(`/v1/${name}:reveal`, { fields: [identifiers[0]!.field], reasonCode: 'IDENTITY_CHECK' });
    expect(revealed.status, revealed.text).toBe(200);
    await getCustomer(manager, name);

    const found = await soon(async () => {
      const entries = await find(compliance, `customer = "${name}" AND service = customer AND event_time >= "${start}"`);
      expect(entries.map(({ actor, operation }) => [actor, operation.split('/')[1]])).toEqual([
        [staff.manager, 'GetCustomer'],
        [staff.rm, 'RevealFields'],
        [staff.rm, 'GetCustomer'],
        [staff.rm, 'ViewCustomer360'],
      ]);
      expect(entries.every(({ head }) => head > 0n)).toBe(true);
      return entries;
    });
    expect(found[1]).toMatchObject({ reason: 'IDENTITY_CHECK', highPrivilege: true, decision: Decision.ALLOWED, customer: name });
    expect(found[1]!.fields.map(({ dataClass }) => dataClass)).toEqual([DataClass.C2_IDENTIFYING]);
    expect(found[3]!.fields.some(({ dataClass }) => dataClass === DataClass.C2_FINANCIAL)).toBe(true);
    // Only the reveal showed the field itself.
    const unmasked = await find(compliance, `customer = "${name}" AND data_class = C2_IDENTIFYING AND service = customer`);
    expect(unmasked.map((entry) => entry.name)).toEqual([found[1]!.name]);
  });

  it('what a person did, allowed and refused, and of what kind', async () => {
    const start = new Date().toISOString();
    const theirs = (await listCustomers(await as(people.colleague)))[0]!.name;
    expect((await rm.get(`/v1/${theirs}`)).status).toBe(404);
    await soon(async () => {
      const refused = await find(compliance, `actor = "${staff.rm}" AND decision = REFUSED AND event_time >= "${start}"`);
      expect(refused).toMatchObject([{ customer: theirs, reason: 'NOT_FOUND', operation: `${customers}/GetCustomer` }]);
    });
    const reveals = await find(compliance, `actor = "${staff.rm}" AND operation = "${customers}/RevealFields"`);
    expect(reveals.length).toBeGreaterThan(0);
    expect(reveals.every(({ actor, highPrivilege }) => actor === staff.rm && highPrivilege)).toBe(true);
  });

  it('who looked into the log about a customer: the view of the log is in it', async () => {
    await find(compliance, `customer = "${name}"`);
    await soon(async () => {
      const [newest] = await find(compliance, `customer = "${name}" AND service = audit`);
      expect(newest).toMatchObject({ actor: staff.compliance, operation: `${area}.AuditEntries/SearchAuditEntries` });
    });
  });

  it('a single entry by its name', async () => {
    const [entry] = await find(compliance, `customer = "${name}" AND service = customer`);
    const reply = await compliance.get(`/v1/${entry!.name}`);
    expect(read(`${area}.AuditEntry`, AuditEntry, reply)).toMatchObject({ name: entry!.name, customer: name });
  });

  it('calls without a valid token, summed, by where they came from', async () => {
    const start = new Date().toISOString();
    // Of an operation of its own: the first of a minute stand alone, whoever makes them; the others wait for its end and are one entry.
    for (let call = 0; call < 30; call += 1) expect((await http('GET', '/v1/auditPacks')).status).toBe(401);
    await soon(async () => {
      const entries = await find(compliance, `decision = REFUSED AND reason = MISSING_TOKEN AND event_time >= "${start}"`);
      expect(entries.length).toBeGreaterThan(0);
      expect(entries.length).toBeLessThanOrEqual(11);
      expect(entries.every(({ actor, callerAddress }) => actor === '' && callerAddress !== '')).toBe(true);
    });
  });
});

describe('others', () => {
  it('have their own trail, without customers', async () => {
    await view360(rm, name);
    const own = await soon(async () => {
      const entries = await trail(rm, `operation = "${customers}/ViewCustomer360"`);
      expect(entries.length).toBeGreaterThan(0);
      return entries;
    });
    expect(new Set(own.map(({ actor }) => actor))).toEqual(new Set([staff.rm]));
    expect(own.every(({ customer, resource }) => customer === '' && resource === '')).toBe(true);
    expect((await trail(rm)).every(({ actor }) => actor === staff.rm)).toBe(true);
  });

  it('see the people of their subtree where they head it, and nobody else', async () => {
    const actors = new Set((await trail(manager)).map(({ actor }) => actor));
    expect(actors.has(staff.rm)).toBe(true);
    expect(actors.has(staff.shanghai)).toBe(false);
    expect(actors.has(staff.compliance)).toBe(false);
    const hq = await as(people.hqManager);
    await listCustomers(hq, { pageSize: 1, filter: 'segment = "none"' });
    await soon(async () => expect(await trail(hq)).not.toEqual([]));
    expect(new Set((await trail(hq)).map(({ actor }) => actor))).toEqual(new Set([staff.hq]));
  });

  it('see all entries as administrators, and no customer in any', async () => {
    const entries = await find(admin, `operation = "${customers}/GetCustomer"`);
    expect(new Set(entries.map(({ actor }) => actor)).size).toBeGreaterThan(1);
    expect(entries.every(({ customer, resource }) => customer === '' && resource === '')).toBe(true);
  });

  it('find who looked at a customer of their subtree where they head it, and nobody at a customer of another', async () => {
    const found = await soon(async () => {
      const entries = await find(manager, `customer = "${name}" AND operation = "${customers}/ViewCustomer360"`);
      expect(entries).not.toEqual([]);
      return entries;
    });
    expect(found.every(({ actor, customer }) => actor === staff.rm && customer === name)).toBe(true);
    // Somebody of another subtree has tried, too: compliance finds that, the manager there does not, since the customer is not in sight.
    const elsewhere = await as(people.shanghaiManager);
    expect((await elsewhere.get(`/v1/${name}`)).status).toBe(404);
    const ofShanghai = `customer = "${name}" AND actor = "${staff.shanghai}"`;
    await soon(async () => expect(await find(compliance, ofShanghai)).not.toEqual([]));
    expect(await find(elsewhere, ofShanghai)).toEqual([]);
  });

  it.each([
    ['moved to another branch', people.guangzhouManager, { homeBranchCode: 'SH-PD' }],
    ['restricted', people.compliance, { restricted: true }],
  ])('no longer show a customer who is %s', async (what, reader, change) => {
    const snapshot = newCustomer();
    await send([customerMessage(snapshot)]);
    await untilApplied();
    const { name } = await customerByNumber(rm, snapshot.sourceId);
    await view360(rm, name);
    const shown = async () => (await find(await as(reader), `customer = "${name}"`)).length > 0;
    await soon(async () => expect(await shown()).toBe(true));

    const sent = performance.now();
    await send([customerMessage({ ...snapshot, ...change, version: 2n })]);
    await soon(async () => expect(await shown()).toBe(false), { timeout: 10_000, interval: 20 });
    // What is promised is 2 s.
    console.log(`a customer who is ${what} is gone from the log after ${Math.round(performance.now() - sent)} ms`);
  });

  it('may not search for a customer without the permission', async () => {
    for (const person of [rm, admin]) {
      const reply = await person.post('/v1/auditEntries:search', { filter: `customer = "${name}"` });
      expect(reply.status).toBe(403);
      expect(problem(reply).reason).toBe('CUSTOMERS_HIDDEN');
    }
  });

  it("cannot tell another's entry from one that does not exist", async () => {
    const [entry] = await find(compliance, `actor = "${staff.compliance}"`);
    const replies = await Promise.all(
      [entry!.name, 'auditEntries/0190a3f0-0000-7000-8000-000000000001'].map((one) => rm.get(`/v1/${one}`)),
    );
    const [theirs, none] = replies.map((reply) => ({ ...problem(reply), trace_id: '' }));
    expect(replies.map(({ status }) => status)).toEqual([404, 404]);
    expect(theirs).toEqual(none);
  });
});

describe('the state of the log', () => {
  it('says what is anchored and what is not yet, with the key to check it by', async () => {
    await search(rm, '张伟');
    await soon(async () => {
      const state = await logState(compliance);
      expect(state.unanchoredEntries).toBe(0n);
      expect(state.anchoredHead).toBeGreaterThan(0n);
      expect(state.findings).toEqual([]);
      expect(state.publicKeys[0]!.pem).toMatch(/^-----BEGIN PUBLIC KEY-----/);
      expect(state.services.map(({ service }) => service)).toEqual(expect.arrayContaining(['audit', 'customer', 'directory']));
      expect(state.services.every(({ highestNumber, entryCount }) => highestNumber === entryCount)).toBe(true);
    });
    for (const person of [rm, manager]) expect((await person.get('/v1/auditLog')).status).toBe(403);
  });

  it('is signed anew within a second while entries come', async () => {
    // A machine that stands still has broken no promise: three tries.
    for (let attempt = 1; ; attempt += 1) {
      const before = await logState(compliance);
      await view360(rm, name);
      const start = performance.now();
      await soon(async () => expect((await logState(compliance)).anchoredHead).toBeGreaterThan(before.anchoredHead));
      const ms = performance.now() - start;
      console.log(`from an act to an anchored head that covers it: ${ms.toFixed(0)} ms`);
      if (ms < 2_000 || attempt === 3) return;
    }
  });
});
