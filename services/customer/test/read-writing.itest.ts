import { auditHash } from '@bankcrm/access';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CustomersService, Interaction, InteractionsService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { CustomerChanged, NextStepCompleted } from '@bankcrm/proto/gen/bankcrm/customer/v1/events.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ActBench, bare, entriesOf, now, openActs } from './support/read-acts.ts';
import { secrets } from './support/read-bank.ts';
import { type StaffName, someId, staffName, unitId } from './support/reading.ts';

let bench: ActBench;
let zhang: string;
let shan: string;

beforeAll(async () => {
  bench = await openActs();
  ({ zhang, shan } = bench);
});
afterAll(() => bench?.closeAll());

/** What every reply with a customer shows of C2 to who holds the permission for financial data. */
const shownToRm = ['individual.annual_income', 'organisation.registered_capital'].map((name) => ({
  name,
  dataClass: DataClass.C2_FINANCIAL,
}));

describe('supplement', () => {
  const supplement = async (
    name: StaffName,
    values: Record<string, string>,
    rest: { customer?: string; etag?: string; requestId?: string } = {},
  ) =>
    bench.as(name, CustomersService.supplementCustomer, {
      name: rest.customer ?? zhang,
      values: Object.entries(values).map(([field, value]) => ({ field, value })),
      etag: rest.etag ?? (await bench.get(name, rest.customer)).etag,
      requestId: rest.requestId ?? '',
    });

  it('stands beside what core banking says, is believed where people know better, and tells the platform', async () => {
    const before = await bench.get('rm');
    const rows = await bench.published(async () => {
      const after = await supplement('rm', { occupation: '退休教师', family: '一子一女' });
      expect(after.individual).toMatchObject({ occupation: '退休教师', family: '一子一女' });
      expect(BigInt(after.etag)).toBe(BigInt(before.etag) + 1n);
    });
    const changed = rows.find(({ type }) => type === 'bankcrm.customer.v1.CustomerChanged')!;
    expect(changed).toMatchObject({ topic: 'bankcrm.customer.v1.customers', key: bare(zhang) });
    expect(CustomerChanged.decode(changed.payload)).toMatchObject({
      customer: zhang,
      source: 'manual',
      sequence: BigInt(before.etag) + 1n,
    });
    expect(CustomerChanged.decode(changed.payload).changedFields).toEqual(expect.arrayContaining(['occupation', 'family']));
    const [entry] = entriesOf(
      rows.filter(
        ({ payload, topic }) => topic.includes('audit') && Entry.decode(payload).operation.endsWith('SupplementCustomer'),
      ),
    );
    expect(entry!.oldValueHash).toHaveLength(32);
    expect(entry!.oldValueHash).not.toEqual(entry!.newValueHash);
    expect(entry!.fields).toEqual([
      { name: 'occupation', dataClass: DataClass.C1 },
      { name: 'family', dataClass: DataClass.C1 },
      ...shownToRm,
    ]);
    const [latest] = (await bench.history('rm')).filter(({ operation }) => operation.endsWith('SupplementCustomer'));
    expect(latest!.changes).toEqual([
      { field: 'occupation', oldValue: '', newValue: '退休教师' },
      { field: 'family', oldValue: '', newValue: '一子一女' },
    ]);
    const taken = await supplement('rm', { occupation: '' });
    expect(taken.individual!.occupation).toBe('engineer');
  });

  it('that changes nothing is recorded as an act that showed the customer, and publishes no change', async () => {
    const first = await supplement('rm', { family: '一子' });
    const rows = await bench.published(() => supplement('rm', { family: '一子' }, { etag: first.etag }));
    expect(rows.map(({ type }) => type)).toEqual(['bankcrm.audit.v1.Entry']);
    expect(entriesOf(rows)).toMatchObject([
      {
        operation: 'bankcrm.customer.v1.Customers/SupplementCustomer',
        actor: staffName('rm'),
        customer: zhang,
        fields: shownToRm,
      },
    ]);
    const [latest] = await bench.history('rm');
    expect(latest).toMatchObject({ operation: 'bankcrm.customer.v1.Customers/SupplementCustomer', changes: [] });
    expect((await bench.get('rm')).etag).toBe(first.etag);
  });

  it('seals identifying values, shows them masked also in history, and finds the customer by them', async () => {
    const mobile = '13577778888';
    const address = '江苏省苏州市姑苏区平江路九十九号';
    let after = await bench.get('rm');
    const written = await bench.published(async () => {
      after = await supplement('rm', { mobile: '135 7777 8888', email: 'New.Mail@Example.org', home_address: address });
    });
    const [, entry] = entriesOf(written);
    expect(entry!.fields).toEqual([
      ...['mobile', 'email', 'home_address'].map((name) => ({ name, dataClass: DataClass.C2_IDENTIFYING })),
      ...shownToRm,
    ]);
    expect(after.contacts.map(({ masked }) => masked)).toEqual(
      expect.arrayContaining(['135****8888', 'n***@example.org', '138****8000']),
    );
    expect(after.addresses.map(({ masked }) => masked)).toContain('江苏省苏州市');
    const [latest] = (await bench.history('rm')).filter(({ operation }) => operation.endsWith('SupplementCustomer'));
    expect(latest!.changes.map(({ newValue }) => newValue)).toEqual(['135****8888', 'n***@example.org', '江苏省苏州市']);
    const found = await bench.as('rm', CustomersService.searchCustomers, {
      query: mobile,
      pageSize: 5,
      pageToken: '',
      includeClosed: false,
    });
    expect(found.customers.map(({ name }) => name)).toEqual([zhang]);
    const field = after.contacts.find(({ masked }) => masked === '135****8888')!.field;
    const { fields } = await bench.as('rm', CustomersService.revealFields, {
      name: zhang,
      fields: [field],
      reasonCode: 'CALL_CUSTOMER',
      note: '',
    });
    expect(fields).toEqual([{ field, value: mobile }]);
    for (const secret of [mobile, 'new.mail@example.org', '平江路']) {
      const { rows } = await bench.workers.query<{ n: bigint }>(
        `SELECT count(*) AS n FROM (
          SELECT value AS text FROM customer.supplement UNION ALL SELECT masked || encode(sealed, 'escape') FROM customer.identifying_value
          UNION ALL SELECT coalesce(encode(changes_sealed, 'escape'), '') || reason FROM customer.history
          UNION ALL SELECT encode(payload, 'escape') || headers::text FROM events.outbox
          UNION ALL SELECT encode(sealed_reply, 'escape') FROM requests.request
        ) AS stored WHERE position($1 IN text) > 0`,
        [secret],
      );
      expect(rows[0]!.n).toBe(0n);
    }
  });

  it('shows the mobile that staff have written first and in lists, with its source and time, until it is taken back', async () => {
    const listed = async () => {
      const { customers } = await bench.as('rm', CustomersService.listCustomers, {
        pageSize: 50,
        pageToken: '',
        filter: '',
        orderBy: '',
      });
      return customers.find(({ name }) => name === zhang)?.maskedMobile;
    };
    const { contacts } = await supplement('rm', { mobile: '13566667777' });
    expect(await listed()).toBe('135****7777');
    const mobiles = contacts.filter(({ kind }) => kind === 'mobile');
    expect(mobiles.map(({ masked, source, sourceTime, preferred }) => ({ masked, source, sourceTime, preferred }))).toEqual([
      { masked: '135****7777', source: 'manual', sourceTime: now, preferred: false },
      { masked: '138****8000', source: 'core', sourceTime: new Date('2026-05-01T08:00:00Z'), preferred: true },
    ]);
    await supplement('rm', { mobile: '' });
    expect(await listed()).toBe('138****8000');
  });

  it('gives a value an id that says nothing of it: another one each time, for the same value, too', async () => {
    const values = { mobile: '13544445555', email: 'li@example.com', home_address: '江苏省苏州市平江路一号' };
    const others = { mobile: '13544446666', email: 'wu@example.com', home_address: '江苏省苏州市平江路二号' };
    const idsAfter = async (written: Record<string, string>, requestId = '', etag?: string) => {
      const { contacts, addresses } = await supplement('rm', written, { requestId, ...(etag === undefined ? {} : { etag }) });
      return [...contacts, ...addresses].filter(({ source }) => source === 'manual').map(({ field }) => field);
    };
    const { etag } = await bench.get('rm');
    const first = await idsAfter(values, 'v-1', etag);
    expect(first).toHaveLength(3);
    expect(await idsAfter(values, 'v-1', etag)).toEqual(first);
    const same = await idsAfter(values);
    const second = await idsAfter(others);
    const again = await idsAfter(values);
    expect(new Set([...first, ...same, ...second, ...again]).size).toBe(12);
    await supplement('rm', { mobile: '', email: '', home_address: '' });
  });

  it('answers a right guess at a manual value as it answers a wrong one', async () => {
    await supplement('rm', { mobile: '13544445555' });
    const traces = async (guess: string) => {
      const before = await bench.get('rm');
      const rows = await bench.published(() => supplement('rm', { mobile: guess }));
      const after = await bench.get('rm');
      const ids = ({ contacts }: typeof after) => contacts.filter(({ source }) => source === 'manual').map(({ field }) => field);
      const [latest] = (await bench.history('rm')).filter(({ operation }) => operation.endsWith('SupplementCustomer'));
      return {
        published: rows.map(({ type }) => type),
        versions: BigInt(after.etag) - BigInt(before.etag),
        hasNewId: ids(after)[0] !== ids(before)[0],
        changes: latest!.changes,
      };
    };
    const right = await traces('13544445555');
    expect(right).toMatchObject({ versions: 1n, hasNewId: true });
    const wrong = await traces('13599995555');
    expect(right).toEqual(wrong);
    expect(right.changes).toEqual([{ field: 'mobile', oldValue: '135****5555', newValue: '135****5555' }]);
    await supplement('rm', { mobile: '' });
  });

  it('takes a mobile of another country, and finds the customer by it however it is written', async () => {
    const { contacts } = await supplement('rm', { mobile: '+852 9000 0002' });
    expect(contacts.map(({ masked }) => masked)).toContain('+852******02');
    for (const query of ['+85290000002', '85290000002', '0085290000002', '852-9000.0002']) {
      const request = { query, pageSize: 5, pageToken: '', includeClosed: false };
      const { customers } = await bench.as('rm', CustomersService.searchCustomers, request);
      expect([query, customers.map(({ name }) => name)]).toEqual([query, [zhang]]);
    }
    await supplement('rm', { mobile: '' });
  });

  it('refuses masked values written back, unknown fields and values of the wrong shape', async () => {
    for (const values of [
      { mobile: '138****8000' },
      { email: 'z***@example.com' },
      { home_address: '北京市' },
      { employer: '张*' },
      { occupation: '*****' },
    ])
      await expect(supplement('rm', values)).rejects.toMatchObject({ kind: 'INVALID', reason: 'MASKED_VALUE' });
    for (const values of [
      { full_name: '张三' },
      { restricted: 'false' },
      { mobile: '12345' },
      { email: 'nobody' },
      { region_code: '11' },
      { risk_preference: 'R9' },
      { employer: `电话 ${secrets.shanMobile}` },
      { occupation: 'x'.repeat(201) },
    ] as Record<string, string>[])
      await expect(supplement('rm', values)).rejects.toMatchObject({ kind: 'INVALID' });
  });

  it('needs the current etag, and happens once for one request id', async () => {
    const { etag } = await bench.get('rm');
    await expect(supplement('rm', { education: '本科' }, { etag: '1' })).rejects.toMatchObject({
      kind: 'ABORTED',
      reason: 'ETAG_MISMATCH',
    });
    await expect(supplement('rm', { education: '本科' }, { etag: '' })).rejects.toMatchObject({
      kind: 'INVALID',
      reason: 'ETAG_REQUIRED',
    });
    const first = await supplement('rm', { education: '本科' }, { etag, requestId: 's-1' });
    const again = await supplement('rm', { education: '本科' }, { etag, requestId: 's-1' });
    expect(again).toEqual(first);
    const results = await Promise.allSettled(
      ['博士', '硕士'].map((education) => supplement('rm', { education }, { etag: first.etag })),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('leaves the customer where it is, though the code of its unit has passed to another one', async () => {
    const renamed = { orgUnitId: someId(), code: 'BJ-CY', displayName: 'BJ-CY', parentId: unitId('BJ'), sequence: 2n };
    await bench.give('org-unit', renamed as Parameters<typeof bench.give<'org-unit'>>[1]);
    expect((await supplement('branchManager', { occupation: '律师' }, { customer: shan })).individual!.occupation).toBe('律师');
    expect((await bench.get('branchManager', shan)).homeOrgUnitCode).toBe('BJ-CY');
  });

  it('is not for those who only read', async () => {
    for (const name of ['hqManager', 'compliance', 'admin'] as const)
      await expect(supplement(name, { occupation: 'x' })).rejects.toMatchObject({ kind: 'DENIED' });
    await expect(supplement('otherRm', { occupation: 'x' }, { etag: '1' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    // Of what the operation refuses the entry keeps what was to be written, as a hash.
    expect(bench.refusals.at(-1)!.queryHash).toHaveLength(32);
  });
});

describe('interactions', () => {
  const interaction = (rest: Record<string, unknown> = {}) => ({
    name: '',
    kind: 'call',
    direction: 'outbound',
    summary: '介绍了新的理财产品',
    occurTime: new Date('2026-11-23T08:00:00Z'),
    staff: '',
    nextStep: { description: '寄资料', dueDate: '2026-12-01', done: false },
    etag: '',
    subject: '',
    ...rest,
  });
  const create = (name: StaffName, rest: Record<string, unknown> = {}, requestId = '') =>
    bench.as(name, InteractionsService.createInteraction, { parent: shan, interaction: interaction(rest), requestId });

  it('are recorded once per request id, with an event and an entry', async () => {
    let first: Interaction | undefined;
    const rows = await bench.published(async () => {
      first = await create('rm', {}, 'i-1');
      expect(first).toMatchObject({
        kind: 'call',
        staff: staffName('rm'),
        etag: '1',
        nextStep: { description: '寄资料', dueDate: '2026-12-01', done: false },
      });
      expect(await create('rm', {}, 'i-1')).toEqual(first);
    });
    expect(rows.map(({ topic }) => topic)).toEqual(['bankcrm.customer.v1.interactions', 'bankcrm.audit.v1.entries']);
    const [entry] = entriesOf(rows);
    expect(entry!.newValueHash).toEqual(auditHash(bench.keys.audit, Interaction.encode(first!).finish()));
    expect(entry!.fields).toEqual(
      ['kind', 'direction', 'occur_time', 'summary', 'next_step.description', 'next_step.due_date'].map((name) => ({
        name,
        dataClass: DataClass.C1,
      })),
    );
    const { interactions } = await bench.as('otherRm', InteractionsService.listInteractions, {
      parent: shan,
      pageSize: 10,
      pageToken: '',
    });
    expect(interactions.some(({ summary }) => summary === '介绍了新的理财产品')).toBe(true);
  });

  it('take no identifying numbers, however they are written', async () => {
    for (const summary of [
      `身份证 ${secrets.zhangId}`,
      '1101 0519 4912 3100 2X',
      `卡号 6222-0202-0011-2233-445`,
      '手机１３８００１３８０００',
      '138 0013 8000',
      '010-87654321',
      '护照 E12345678',
      'zhang.wei@example.com',
      secrets.orgCode,
    ])
      await expect(create('rm', { summary })).rejects.toMatchObject({ kind: 'INVALID', reason: 'IDENTIFYING_TEXT' });
    await expect(
      create('rm', { nextStep: { description: `打 ${secrets.shanMobile}`, dueDate: '', done: false } }),
    ).rejects.toMatchObject({
      fields: [{ field: 'interaction.next_step.description' }],
    });
    for (const summary of [
      '2026-11-23 10:30 到 2026-12-01 之间存入 1,000,000 元',
      '利率 3.85%，期限 36 个月，金额 500000',
      '编号 20261123-01',
    ])
      await create('rm', { summary });
  });

  it('refuse what cannot be', async () => {
    for (const rest of [
      { kind: 'counter-service' },
      { kind: 'telepathy' },
      { direction: 'sideways' },
      { summary: ' ' },
      { summary: 'x'.repeat(2_001) },
      { occurTime: new Date('2026-11-24T09:00:00Z') },
      { nextStep: { description: '', dueDate: '2026-12-01', done: false } },
      { nextStep: { description: 'x', dueDate: '2026-02-30', done: false } },
      { nextStep: { description: 'x', dueDate: '', done: true } },
    ])
      await expect(create('rm', rest)).rejects.toMatchObject({ kind: 'INVALID' });
    await expect(create('branchManager', {}, 'x y')).rejects.toMatchObject({ reason: 'INVALID_REQUEST_ID' });
    await expect(create('hqManager')).rejects.toMatchObject({ kind: 'DENIED' });
  });

  it('have their next step completed once, with the current etag', async () => {
    const made = await create('rm');
    const complete = (etag: string, name = made.name) => bench.as('rm', InteractionsService.completeNextStep, { name, etag });
    await expect(complete('7')).rejects.toMatchObject({ kind: 'ABORTED' });
    const rows = await bench.published(async () => {
      expect(await complete('1')).toMatchObject({ nextStep: { done: true }, etag: '2' });
    });
    expect(entriesOf(rows)).toMatchObject([{ fields: [{ name: 'next_step.done', dataClass: DataClass.C1 }] }]);
    const [event] = rows.filter(({ topic }) => topic === 'bankcrm.customer.v1.interactions');
    expect(event).toMatchObject({ type: 'bankcrm.customer.v1.NextStepCompleted', key: bare(shan), sequence: 2n });
    expect(NextStepCompleted.decode(event!.payload)).toEqual({
      customer: shan,
      interaction: made.name,
      sequence: 2n,
      completeTime: now,
      staff: staffName('rm'),
    });
    await expect(complete('2')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'NEXT_STEP_DONE' });
    const without = await create('rm', { nextStep: undefined });
    await expect(complete('1', without.name)).rejects.toMatchObject({ kind: 'REFUSED', reason: 'NO_NEXT_STEP' });
    await expect(complete('1', `${zhang}/interactions/${made.name.split('/')[3]}`)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  it('are listed newest first, page by page', async () => {
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await bench.as('rm', InteractionsService.listInteractions, { parent: shan, pageSize: 2, pageToken });
      seen.push(...page.interactions.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    const { rows } = await bench.workers.query<{ n: bigint }>(
      'SELECT count(*) AS n FROM customer.interaction WHERE customer_id = $1',
      [bare(shan)],
    );
    expect(BigInt(new Set(seen).size)).toBe(rows[0]!.n);
    expect(seen).toHaveLength(new Set(seen).size);
  });
});

it('leaves no identifying value in logs, refusals, errors or events', () => bench.expectNoSecrets(8));
