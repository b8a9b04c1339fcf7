import { customerByNumber, pages } from '@bankcrm/acceptance/api.ts';
import { as, type Person, problem, read } from '@bankcrm/acceptance/client.ts';
import { customerMessage, managerOfOthers, newCustomer } from '@bankcrm/acceptance/core-bank.ts';
import { send, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { staffByNumber } from '@bankcrm/acceptance/staff-api.ts';
import { ListAuditEntriesResponse } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import {
  Assignment,
  ListAssignmentsResponse,
  ListPortfoliosResponse,
  type Portfolio,
} from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments_service.ts';
import { beforeAll, describe, expect, it, vi } from 'vitest';

const area = 'bankcrm.quota.v1';
/** Waits for a fact. */
const soon = (check: () => Promise<unknown>) => vi.waitFor(check, { timeout: 10_000, interval: 20 });
/** Another relationship manager at the same sub-branch. */
const colleagueOfOthers = '100020';

let manager: Person;
let giver: Person;
let taker: Person;
let name: string;
let staff: Record<'giver' | 'taker' | 'manager', string>;

beforeAll(async () => {
  [manager, giver, taker] = await Promise.all([as(people.guangzhouManager), as(managerOfOthers), as(colleagueOfOthers)]);
  const snapshot = newCustomer();
  await send([customerMessage(snapshot)]);
  await untilApplied();
  name = (await customerByNumber(giver, snapshot.sourceId)).name;
  const admin = await as(people.admin);
  const nameOf = async (number: string) => (await staffByNumber(admin, number)).name;
  staff = {
    giver: await nameOf(managerOfOthers),
    taker: await nameOf(colleagueOfOthers),
    manager: await nameOf(people.guangzhouManager),
  };
  await soon(async () => expect((await manager.get(history())).status).toBe(200));
});

const history = () => `/v1/assignments?filter=${encodeURIComponent(`customer = "${name}"`)}`;
const sees = async (person: Person): Promise<boolean> => (await person.get(`/v1/${name}`)).status === 200;
const portfolios = async (person: Person): Promise<Map<string, Portfolio>> => {
  const all = await pages(person, '/v1/portfolios', `${area}.ListPortfoliosResponse`, ListPortfoliosResponse, { pageSize: 200 });
  return new Map(all.flatMap((page) => page.portfolios).map((one) => [one.staffNumber, one]));
};

describe('a customer that a manager gives to another relationship manager', () => {
  it('is seen by that one and no longer by the one before, and counts for that one', async () => {
    const before = await portfolios(manager);
    expect([await sees(giver), await sees(taker)]).toEqual([true, false]);
    const asked = { customer: name, rm: staff.taker, reason: 'lives nearby' };
    const reply = await manager.post('/v1/assignments:assign', asked, { 'idempotency-key': 'a-customer-is-given' });
    const sent = performance.now();
    expect(read(`${area}.Assignment`, Assignment, reply)).toMatchObject({ ...asked, decidedBy: staff.manager });
    expect((await manager.post('/v1/assignments:assign', asked, { 'idempotency-key': 'a-customer-is-given' })).text).toBe(
      reply.text,
    );
    await soon(async () => expect([await sees(giver), await sees(taker)]).toEqual([false, true]));
    // What is promised is 1 s.
    console.log(`an assignment is felt after ${Math.round(performance.now() - sent)} ms`);

    const after = await portfolios(manager);
    const change = (number: string) => after.get(number)!.load - before.get(number)!.load;
    expect([change(managerOfOthers), change(colleagueOfOthers)]).toEqual([-1, 1]);
    const { load, quota, headroom } = after.get(colleagueOfOthers)!;
    expect(headroom).toBe(quota - load);
    expect([...(await portfolios(taker)).keys()]).toEqual([colleagueOfOthers]);
  });

  it('has it in its history, and the log says who decided', async () => {
    // The taker's own sight comes back from the customer service, which is promised within 2 s.
    await soon(async () => {
      const { assignments } = read(`${area}.ListAssignmentsResponse`, ListAssignmentsResponse, await taker.get(history()));
      expect(assignments).toMatchObject([
        { rm: staff.taker, decidedBy: staff.manager, reason: 'lives nearby', endTime: undefined },
      ]);
    });
    const compliance = await as(people.compliance);
    const filter = `customer = "${name}" AND operation = "${area}.Assignments/Assign"`;
    await soon(async () => {
      const found = await compliance.post('/v1/auditEntries:search', { filter });
      const { entries } = read('bankcrm.audit.v1.ListAuditEntriesResponse', ListAuditEntriesResponse, found);
      expect(entries).toMatchObject([{ actor: staff.manager, reason: 'lives nearby' }]);
    });
  });

  it('may be looked after by nobody', async () => {
    const reply = await manager.post('/v1/assignments:assign', { customer: name });
    expect(read(`${area}.Assignment`, Assignment, reply).rm).toBe('');
    await soon(async () => expect([await sees(giver), await sees(taker)]).toEqual([false, false]));
  });
});

describe('an assignment is refused to', () => {
  it.each([
    ['a relationship manager', people.rm, 403, 'PERMISSION_MISSING'],
    ['an administrator', people.admin, 403, 'PERMISSION_MISSING'],
    ['the manager of another branch', people.shanghaiManager, 404, 'NOT_FOUND'],
  ])('%s', async (_, number, status, reason) => {
    const reply = await (await as(number)).post('/v1/assignments:assign', { customer: name });
    expect(problem(reply)).toMatchObject({ status, reason });
  });

  it('who names somebody of another branch', async () => {
    const elsewhere = (await staffByNumber(await as(people.admin), people.rm)).name;
    const reply = await manager.post('/v1/assignments:assign', { customer: name, rm: elsewhere });
    expect(problem(reply)).toMatchObject({ status: 400, reason: 'UNKNOWN_MANAGER' });
  });
});
