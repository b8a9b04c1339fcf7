import { customerByNumber, getCustomer, recordInteraction, view360 } from '@bankcrm/acceptance/api.ts';
import { as, type Person, problem, read } from '@bankcrm/acceptance/client.ts';
import { accountMessage, customerMessage, managerOfOthers, newAccount, newCustomer } from '@bankcrm/acceptance/core-bank.ts';
import { send, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import { bankDay } from '@bankcrm/acceptance/ledger.ts';
import { Interaction, ListInteractionsResponse, RevealFieldsResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { ContactKind, type CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { beforeAll, describe, expect, it } from 'vitest';

let rm: Person;
let snapshot: CustomerSnapshot;
let accountNumber: string;
let name: string;

beforeAll(async () => {
  rm = await as(managerOfOthers);
  snapshot = newCustomer({ fullName: '交互·测试' });
  const account = newAccount(snapshot);
  accountNumber = account.number;
  await send([customerMessage(snapshot), accountMessage(account)]);
  await untilApplied();
  name = (await customerByNumber(rm, snapshot.sourceId)).name;
});

describe('a call or visit', () => {
  it('is recorded with its next step, shown in 360, and the step is ticked off once', async () => {
    const call = {
      kind: 'call',
      direction: 'outbound',
      summary: '询问定期存款到期安排',
      nextStep: { description: '寄送产品说明', dueDate: bankDay(7) },
    };
    const recorded = await recordInteraction(rm, name, call);
    expect(recorded).toMatchObject({
      kind: 'call',
      direction: 'outbound',
      summary: call.summary,
      nextStep: { ...call.nextStep, done: false },
    });
    expect(recorded.name.startsWith(`${name}/interactions/`)).toBe(true);
    expect((await view360(rm, name)).recentInteractions.map((one) => one.name)).toContain(recorded.name);

    const complete = (etag: string) => rm.post(`/v1/${recorded.name}:completeNextStep`, {}, { 'if-match': `"${etag}"` });
    const done = read('bankcrm.customer.v1.Interaction', Interaction, await complete(recorded.etag));
    expect(done.nextStep?.done).toBe(true);
    expect(problem(await complete(recorded.etag))).toMatchObject({ status: 412, reason: 'ETAG_MISMATCH' });
  });

  it('is recorded once when the same request is sent twice, or twice at once', async () => {
    const visit = { kind: 'visit', direction: 'outbound', summary: '上门拜访' };
    const key = { 'idempotency-key': `visit-${snapshot.sourceId}` };
    const replies = await Promise.all([1, 2, 3].map(() => rm.post(`/v1/${name}/interactions`, visit, key)));
    replies.push(await rm.post(`/v1/${name}/interactions`, visit, key));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    const list = await rm.get(`/v1/${name}/interactions`);
    const { interactions } = read('bankcrm.customer.v1.ListInteractionsResponse', ListInteractionsResponse, list);
    expect(interactions.filter(({ summary }) => summary === visit.summary).length).toBe(1);
  });
});

describe('what is masked', () => {
  const reveal = (fields: string[], reasonCode: string, more: object = {}) =>
    rm.post(`/v1/${name}:reveal`, { fields, reasonCode, ...more });

  it('is shown in the clear with a reason, counted', async () => {
    const { customer, holdings } = await view360(rm, name);
    const fields = [customer!.identifiers[0]!.field, customer!.contacts[0]!.field, holdings[0]!.name.slice(name.length + 1)];
    const open = async () =>
      read('bankcrm.customer.v1.RevealFieldsResponse', RevealFieldsResponse, await reveal(fields, 'CALL_CUSTOMER'));
    const first = await open();
    const mobile = snapshot.contacts.find(({ kind }) => kind === ContactKind.MOBILE)!.value;
    expect(new Map(first.fields.map(({ field, value }) => [field, value]))).toEqual(
      new Map([
        [fields[0], snapshot.identifiers[0]!.value],
        [fields[1], mobile],
        [fields[2], accountNumber],
      ]),
    );
    expect(first.remainingToday - (await open()).remainingToday).toBe(3);
  });

  it('is shown for no reason that nobody knows, for none at all, and not to who may only look', async () => {
    const { customer } = await view360(rm, name);
    const fields = [customer!.identifiers[0]!.field];
    expect(problem(await reveal(fields, 'CURIOSITY')).status).toBe(400);
    expect(problem(await reveal(fields, '')).status).toBe(400);
    expect(problem(await reveal(fields, 'AUDIT'))).toMatchObject({ status: 400, field: 'note' });
    const admin = await as('100042');
    expect(problem(await admin.post(`/v1/${name}:reveal`, { fields, reasonCode: 'AUDIT', note: 'x' }))).toMatchObject({
      status: 403,
    });
  });

  it('of another customer is not shown in the name of this one', async () => {
    const other = newCustomer();
    await send([customerMessage(other)]);
    await untilApplied();
    const otherName = (await customerByNumber(rm, other.sourceId)).name;
    const { identifiers } = await getCustomer(rm, otherName);
    const reply = await reveal([identifiers[0]!.field], 'CALL_CUSTOMER');
    expect(problem(reply).status).toBeGreaterThanOrEqual(400);
    expect(reply.text).not.toContain(other.identifiers[0]!.value);
  });

  it('cannot be sorted, or filtered by a part or a range', async () => {
    for (const query of [
      { orderBy: 'masked_mobile' },
      { orderBy: 'mobile' },
      { filter: 'mobile >= "139"' },
      { filter: 'masked_identifier = "*"' },
    ])
      expect(problem(await rm.get('/v1/customers', query)).status, JSON.stringify(query)).toBe(400);
  });
});

describe('a manual supplement', () => {
  const supplement = async (values: object[], etag?: string) => {
    const version = etag ?? (await getCustomer(rm, name)).etag;
    return rm.post(`/v1/${name}:supplement`, { values }, { 'if-match': `"${version}"` });
  };

  it('stands beside what the core says and is never overwritten by it', async () => {
    expect((await supplement([{ field: 'occupation', value: '退休教师' }])).status).toBe(200);
    const { profile } = snapshot;
    if (profile?.$case !== 'individual') throw new Error('the customer is a person');
    const next = {
      ...snapshot,
      version: 2n,
      profile: { ...profile, value: { ...profile.value, occupation: '工程师', employer: '某某公司' } },
    };
    await send([customerMessage(next)]);
    await untilApplied();
    const { customer, fieldSources } = await view360(rm, name);
    expect(customer?.individual).toMatchObject({ occupation: '退休教师', employer: '某某公司' });
    expect(fieldSources.find(({ field }) => field === 'occupation')).toMatchObject({ source: 'manual', conflicting: true });
    expect(fieldSources.find(({ field }) => field === 'employer')).toMatchObject({ source: 'core', conflicting: false });

    expect((await supplement([{ field: 'occupation', value: '' }])).status).toBe(200);
    expect((await getCustomer(rm, name)).individual?.occupation, 'taken back').toBe('工程师');
  });

  it('of a phone is stored and shown masked, and found by its complete number', async () => {
    const phone = `137${snapshot.sourceId.slice(-8)}`;
    expect((await supplement([{ field: 'mobile', value: phone }])).status).toBe(200);
    const { contacts } = await getCustomer(rm, name);
    expect(contacts.map(({ masked }) => masked)).toContain(`137****${phone.slice(-4)}`);
    expect((await customerByNumber(rm, phone)).name).toBe(name);
  });

  it('that writes a masked value back is refused', async () => {
    for (const [field, value] of [
      ['mobile', '138****1234'],
      ['email', 'z***@example.com'],
      ['home_address', '广东省广州市****'],
    ] as const)
      expect(problem(await supplement([{ field, value }])), field).toMatchObject({ status: 400 });
  });

  it('needs the version that was seen', async () => {
    const { etag } = await getCustomer(rm, name);
    expect((await supplement([{ field: 'education', value: '本科' }], etag)).status).toBe(200);
    expect(problem(await supplement([{ field: 'education', value: '硕士' }], etag))).toMatchObject({
      status: 412,
      reason: 'ETAG_MISMATCH',
    });
    expect((await getCustomer(rm, name)).individual?.education).toBe('本科');
  });
});
