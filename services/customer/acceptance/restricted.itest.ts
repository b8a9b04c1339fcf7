import { randomUUID } from 'node:crypto';
import { countCustomers, customerByNumber, getCustomer, listCustomers, search } from '@bankcrm/acceptance/api.ts';
import { as, type Person, problem, read } from '@bankcrm/acceptance/client.ts';
import { customerMessage, managerOfOthers, newCustomer } from '@bankcrm/acceptance/core-bank.ts';
import { send, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { staffByNumber } from '@bankcrm/acceptance/staff-api.ts';
import { Customer, ListParticipantsResponse, Participant } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { beforeAll, describe, expect, it } from 'vitest';

const area = 'bankcrm.customer.v1';
let compliance: Person;
let rm: Person;
let hq: Person;
let name: string;
let number: string;
let rmName: string;

beforeAll(async () => {
  [compliance, rm, hq] = await Promise.all([as(people.compliance), as(managerOfOthers), as(people.hqManager)]);
  const snapshot = newCustomer({ fullName: '受限·测试' });
  await send([customerMessage(snapshot)]);
  await untilApplied();
  number = snapshot.sourceId;
  name = (await customerByNumber(rm, number)).name;
  rmName = (await staffByNumber(await as(people.admin), managerOfOthers)).name;
});

/** In every way in which somebody could notice a customer. */
async function sees(person: Person): Promise<boolean> {
  const ways = [
    (await person.get(`/v1/${name}`)).status === 200,
    (await person.get(`/v1/${name}:view360`)).status === 200,
    (await search(person, number)).customers.length === 1,
    (await listCustomers(person)).some((customer) => customer.name === name),
  ];
  expect(new Set(ways).size, `the ways agree: ${ways}`).toBe(1);
  return ways[0]!;
}

const change = async (verb: 'restrict' | 'liftRestriction') => {
  const { etag } = await getCustomer(compliance, name);
  return read(
    `${area}.Customer`,
    Customer,
    await compliance.post(`/v1/${name}:${verb}`, { reason: 'staff relative' }, { 'if-match': `"${etag}"` }),
  );
};
const addParticipant = (participant: object) => compliance.post(`/v1/${name}/participants`, participant);

describe('restricting a customer', () => {
  it('leaves it to named participants only, managers excluded, until the restriction is lifted', async () => {
    expect([await sees(rm), await sees(hq), await sees(compliance)]).toEqual([true, true, true]);
    const before = await countCustomers(hq);

    expect(await change('restrict')).toMatchObject({ restricted: true });
    expect([await sees(rm), await sees(hq), await sees(compliance)]).toEqual([false, false, true]);
    expect(await countCustomers(hq)).toBe(before - 1);

    const added = read(
      `${area}.Participant`,
      Participant,
      await addParticipant({ staff: rmName, reason: 'serves the customer' }),
    );
    expect(await sees(rm)).toBe(true);
    const { participants } = read(
      `${area}.ListParticipantsResponse`,
      ListParticipantsResponse,
      await compliance.get(`/v1/${name}/participants`),
    );
    expect(participants.length).toBe(2);
    expect(participants.map(({ staff }) => staff)).toContain(rmName);

    expect((await compliance.send('DELETE', `/v1/${added.name}`)).status).toBe(200);
    expect(await sees(rm)).toBe(false);

    await change('liftRestriction');
    expect([await sees(rm), await sees(hq), await sees(compliance)]).toEqual([true, true, true]);
    expect(await countCustomers(hq)).toBe(before);
  });

  it('keeps out all that it excludes, of compliance too: they can neither lift it nor name themselves', async () => {
    const other = await as(people.otherCompliance);
    const { etag } = await change('restrict');
    expect(await sees(other)).toBe(false);
    const lift = (version: string) =>
      other.post(`/v1/${name}:liftRestriction`, { reason: 'curious' }, { 'if-match': `"${version}"` });
    const refused = await lift(etag);
    expect(problem(refused)).toMatchObject({ status: 409, reason: 'NOT_A_PARTICIPANT' });
    expect(refused.text).not.toContain('受限');
    const self = (await staffByNumber(await as(people.admin), people.otherCompliance)).name;
    const named = await other.post(`/v1/${name}/participants`, { staff: self, reason: 'curious' });
    expect(problem(named)).toMatchObject({ status: 409, reason: 'CANNOT_NAME_ONESELF' });
    expect(await sees(other)).toBe(false);

    // Named by a colleague they see the customer, its etag included, and may lift.
    expect((await addParticipant({ staff: self, reason: 'takes over' })).status).toBe(200);
    expect(await sees(other)).toBe(true);
    expect((await lift((await getCustomer(other, name)).etag)).status).toBe(200);
    expect(await sees(hq)).toBe(true);
  });

  it('outlives what the core sends next', async () => {
    await change('restrict');
    await send([customerMessage(newCustomerAgain())]);
    await untilApplied();
    expect(await sees(hq)).toBe(false);
    expect((await getCustomer(compliance, name)).fullName).toBe('受限·改名');
    await change('liftRestriction');
  });

  const newCustomerAgain = () => ({ ...newCustomer({ fullName: '受限·改名' }), sourceId: number, version: 2n });

  it('ends for a participant when the time that was named is over', async () => {
    await change('restrict');
    const past = new Date(Date.now() - 1_000).toISOString();
    expect(problem(await addParticipant({ staff: rmName, reason: 'for a day', expireTime: past })).field).toBe('expire_time');
    const soon = new Date(Date.now() + 5_000).toISOString();
    expect((await addParticipant({ staff: rmName, reason: 'for a moment', expireTime: soon })).status).toBe(200);
    expect((await person360(rm)).status).toBe(200);
    await expect.poll(async () => (await person360(rm)).status, { timeout: 20_000, interval: 250 }).toBe(404);
    expect(await sees(rm)).toBe(false);
    await change('liftRestriction');
  });

  const person360 = (person: Person) => person.get(`/v1/${name}:view360`);

  it('is for compliance only, and says nothing of a customer that is not there', async () => {
    for (const person of [rm, hq])
      expect(problem(await person.post(`/v1/${name}:restrict`, { reason: 'x' }, { 'if-match': '"1"' }))).toMatchObject({
        status: 403,
      });
    const nobody = `customers/${randomUUID()}`;
    expect(problem(await compliance.post(`/v1/${nobody}:restrict`, { reason: 'x' }, { 'if-match': '"1"' }))).toMatchObject({
      status: 404,
    });
  });
});
