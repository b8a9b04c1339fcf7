import { listCustomers, pages } from '@bankcrm/acceptance/api.ts';
import { as, type Person, type Reply } from '@bankcrm/acceptance/client.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { type AuditEntry, ListAuditEntriesResponse } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { Decision } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';

/** Waits for a fact. */
const soon = <T>(check: () => Promise<T>, limits = { timeout: 10_000, interval: 100 }): Promise<T> => vi.waitFor(check, limits);

type Act = (person: Person, customer: string, text: string) => Promise<Reply>;

/** What people do all day, and whether the contract wants an entry of it. */
const acts: { act: Act; audited: boolean }[] = [
  { audited: true, act: (person) => person.get('/v1/customers', { pageSize: 5 }) },
  { audited: true, act: (person, customer) => person.get(`/v1/${customer}`) },
  { audited: true, act: (person, customer) => person.get(`/v1/${customer}:view360`) },
  { audited: true, act: (person, customer) => person.get(`/v1/${customer}/transactions`, { pageSize: 3 }) },
  { audited: true, act: (person) => person.get('/v1/customers:count') },
  { audited: true, act: (person) => person.post('/v1/customers:search', { query: '王' }) },
  { audited: true, act: (person) => person.get('/v1/auditEntries', { pageSize: 2 }) },
  {
    audited: true,
    act: (person, customer, text) =>
      person.post(`/v1/${customer}/interactions`, { kind: 'call', direction: 'inbound', summary: `来电${text}` }),
  },
  { audited: false, act: (person) => person.get('/v1/orgUnits', { pageSize: 2 }) },
  { audited: false, act: (person) => person.get('/v1/me') },
];
const staff = [people.rm, people.seniorRm, people.shanghaiRm, people.beijingManager, people.hqManager, people.compliance];
const count = 240;

it(`has one entry of each act of people that was acknowledged, and of none that was not: ${count} acts at random`, async () => {
  const persons = await Promise.all(staff.map(as));
  // Everybody tries everybody's customers: some acts are refused.
  const known = (await Promise.all([0, 1, 2].map((at) => listCustomers(persons[at]!)))).flatMap((list) =>
    list.slice(0, 15).map(({ name }) => name),
  );
  const start = new Date(Date.now() - 1).toISOString();
  const seed = Math.floor(Math.random() * 2 ** 31);
  const plan = fc.sample(
    fc.record({
      who: fc.nat(persons.length - 1),
      what: fc.nat(acts.length - 1),
      customer: fc.nat(known.length - 1),
      text: fc.stringMatching(/^[a-z]{8}$/),
    }),
    { numRuns: count, seed },
  );
  const replies: { reply: Reply; audited: boolean }[] = [];
  // Six at a time, as people work beside each other.
  for (let at = 0; at < plan.length; at += 6)
    replies.push(
      ...(await Promise.all(
        plan.slice(at, at + 6).map(async ({ who, what, customer, text }) => {
          const { act, audited } = acts[what]!;
          return { audited, reply: await act(persons[who]!, known[customer]!, text) };
        }),
      )),
    );
  const trace = (reply: Reply): string => reply.headers.get('x-trace-id')!;
  const acknowledged = replies.filter(({ reply, audited }) => audited && reply.status === 200).map(({ reply }) => trace(reply));
  const others = replies.filter(({ reply, audited }) => !audited || reply.status !== 200);
  console.log(`seed ${seed}: ${acknowledged.length} acknowledged acts with an entry, ${others.length} others`);
  expect(acknowledged.length).toBeGreaterThan(count / 4);
  expect(others.length).toBeGreaterThan(0);

  const admin = await as(people.admin);
  const { staffMember } = JSON.parse((await admin.get('/v1/me')).text) as { staffMember: { name: string } };
  const allowed = async (): Promise<AuditEntry[]> => {
    const found = await pages(admin, '/v1/auditEntries', 'bankcrm.audit.v1.ListAuditEntriesResponse', ListAuditEntriesResponse, {
      pageSize: 200,
      filter: `decision = ALLOWED AND event_time >= "${start}"`,
    });
    // The test's own look into the log is an act as well.
    return found
      .flatMap(({ entries }) => entries)
      .filter(({ actor }) => actor.startsWith('staff/') && actor !== staffMember.name);
  };
  const entries = await soon(async () => {
    const found = await allowed();
    expect(found.length).toBeGreaterThanOrEqual(acknowledged.length);
    return found;
  });
  expect(entries.map(({ traceId }) => traceId).sort()).toEqual(acknowledged.sort());
  expect(entries.every(({ decision }) => decision === Decision.ALLOWED)).toBe(true);
});
