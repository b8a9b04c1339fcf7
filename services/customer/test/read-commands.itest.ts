import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CustomersService, InteractionsService, PresentedKind } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { CustomerChanged, InteractionRecorded } from '@bankcrm/proto/gen/bankcrm/customer/v1/events.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accountId, fillBank, secrets, who } from './read-bank.ts';
import { openReads, type ReadBench, type StaffName, someId, staffIdOf, staffName, unitId } from './read-support.ts';

let bench: ReadBench;
let zhang: string;
let shan: string;
let pool: string;
let restricted: string;
const now = new Date('2026-11-23T09:00:00Z');

beforeAll(async () => {
  bench = await openReads({ clock: { now: () => now }, revealsPerDay: 5, lookupsPerDay: 20 });
  await fillBank(bench);
  zhang = `customers/${await bench.customerOf(who.zhang)}`;
  shan = `customers/${await bench.customerOf(who.shan)}`;
  pool = `customers/${await bench.customerOf(who.pool)}`;
  restricted = `customers/${await bench.customerOf(who.restricted)}`;
});
beforeEach(() => bench.workers.query('DELETE FROM customer.use_count'));
afterAll(() => bench?.closeAll());

interface OutboxRow {
  id: string;
  topic: string;
  type: string;
  key: string;
  sequence: bigint | null;
  payload: Buffer;
}
/** What an act put into the outbox. */
async function published(act: () => Promise<unknown>): Promise<OutboxRow[]> {
  const { rows: before } = await bench.workers.query<{ id: string }>('SELECT id FROM events.outbox');
  await act();
  const { rows } = await bench.workers.query<OutboxRow>(
    'SELECT id, topic, type, key, sequence, payload FROM events.outbox WHERE NOT id = ANY ($1::uuid[]) ORDER BY position',
    [before.map(({ id }) => id)],
  );
  return rows;
}
const entriesOf = (rows: OutboxRow[]) =>
  rows.filter(({ topic }) => topic === 'bankcrm.audit.v1.entries').map(({ payload }) => Entry.decode(payload));
const get = (name: StaffName, customer = zhang) => bench.as(name, CustomersService.getCustomer, { name: customer });
const history = async (name: StaffName, parent = zhang) =>
  (await bench.as(name, CustomersService.listHistory, { parent, pageSize: 50, pageToken: '' })).entries;
const bare = (customer: string): string => customer.slice('customers/'.length);

describe('reveal', () => {
  const reveal = (name: StaffName, fields: string[], rest: { customer?: string; reasonCode?: string; note?: string } = {}) =>
    bench.as(name, CustomersService.revealFields, {
      name: rest.customer ?? zhang,
      fields,
      reasonCode: rest.reasonCode ?? 'CALL_CUSTOMER',
      note: rest.note ?? '',
    });
  const fieldsOf = async () => {
    const { identifiers, contacts, addresses } = await get('rm');
    return [...identifiers, ...contacts, ...addresses].map(({ field }) => field);
  };

  it('shows the values asked for, counts them and records the reason and not the values', async () => {
    const [id, mobile, email, address] = (await fieldsOf()) as [string, string, string, string];
    let revealed: Awaited<ReturnType<typeof reveal>> | undefined;
    const rows = await published(async () => {
      revealed = await reveal('rm', [address, mobile, `holdings/${accountId('A1')}`], { note: '回访' });
    });
    expect(revealed).toEqual({
      fields: [
        { field: address, value: expect.stringContaining(secrets.zhangAddress) },
        { field: mobile, value: secrets.zhangMobile },
        { field: `holdings/${accountId('A1')}`, value: secrets.zhangAccount },
      ],
      remainingToday: 2,
    });
    const [entry] = entriesOf(rows);
    expect(entry).toMatchObject({
      operation: 'bankcrm.customer.v1.Customers/RevealFields',
      actor: staffName('rm'),
      customer: zhang,
      reason: 'CALL_CUSTOMER',
      highPrivilege: true,
    });
    expect(entry!.newValueHash).toHaveLength(32);
    expect(await reveal('rm', [id, email])).toMatchObject({
      fields: [{ value: secrets.zhangId }, { value: secrets.zhangEmail }],
      remainingToday: 0,
    });
    await expect(reveal('rm', [mobile])).rejects.toMatchObject({
      kind: 'EXHAUSTED',
      reason: 'REVEAL_LIMIT',
      metadata: { limit: '5' },
    });
    const entries = await history('rm');
    expect(
      entries.find(({ reason }) => reason === 'CALL_CUSTOMER')?.changes.some(({ newValue }) => newValue === 'revealed'),
    ).toBe(true);
  });

  it('shows nothing and counts nothing when one field is not the customer’s', async () => {
    const [, mobile] = (await fieldsOf()) as [string, string];
    for (const field of [`identifiers/${someId()}`, `holdings/${accountId('A9')}`, `identifiers/${mobile.split('/')[1]}`])
      await expect(reveal('rm', [mobile, field])).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(reveal('rm', [mobile], { customer: shan })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(reveal('otherRm', [mobile])).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    expect((await bench.workers.query('SELECT FROM customer.use_count')).rows).toEqual([]);
  });

  it('never exceeds the day’s number, however many come at once', async () => {
    const [, mobile] = (await fieldsOf()) as [string, string];
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => reveal('rm', [mobile])));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('is for those with the permission and a known reason only', async () => {
    const [, mobile] = (await fieldsOf()) as [string, string];
    for (const name of ['admin', 'hqManager', 'steward', 'risk'] as const)
      await expect(reveal(name, [mobile])).rejects.toMatchObject({ kind: 'DENIED', reason: 'PERMISSION_MISSING' });
    await expect(reveal('rm', [mobile], { reasonCode: 'CURIOSITY' })).rejects.toMatchObject({
      fields: [{ field: 'reason_code' }],
    });
    await expect(reveal('rm', [mobile], { reasonCode: 'AUDIT' })).rejects.toMatchObject({ fields: [{ field: 'note' }] });
    await expect(reveal('rm', [mobile], { note: `他的号码 ${secrets.shanMobile}` })).rejects.toMatchObject({
      reason: 'IDENTIFYING_TEXT',
    });
    await expect(reveal('rm', [])).rejects.toMatchObject({ kind: 'INVALID' });
    await expect(reveal('rm', [mobile, mobile])).rejects.toMatchObject({ kind: 'INVALID' });
  });
});

describe('service at the counter', () => {
  const start = (
    name: StaffName,
    kind: PresentedKind,
    value: string,
    rest: { channel?: string; requestId?: string; note?: string } = {},
  ) => bench.as(name, CustomersService.startService, { kind, value, channel: 'counter', note: '', requestId: '', ...rest });

  it('opens the customer of each identifier presented, records it and leaves others closed', async () => {
    await expect(get('teller')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    for (const [kind, value] of [
      [PresentedKind.ID_NUMBER, ' 11010519491231002x'],
      [PresentedKind.ACCOUNT_NUMBER, '6222 0202 0011 2233 445'],
      [PresentedKind.CARD_NUMBER, secrets.zhangCard],
      [PresentedKind.PHONE, '+86 13800138000'],
    ] as const) {
      const rows = await published(async () => {
        const started = await start('teller', kind, value);
        expect(started).toMatchObject({
          customer: zhang,
          interaction: { kind: 'counter-service', direction: 'inbound', staff: staffName('teller') },
        });
      });
      expect(rows.map(({ type }) => type)).toEqual(['bankcrm.customer.v1.InteractionRecorded', 'bankcrm.audit.v1.Entry']);
      expect(InteractionRecorded.decode(rows[0]!.payload)).toMatchObject({
        customer: zhang,
        staff: staffName('teller'),
        sequence: 1n,
      });
    }
    expect((await get('teller')).fullName).toBe('张伟');
    await expect(get('teller', shan)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(get('otherTeller')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    const { customers } = await bench.as('teller', CustomersService.listCustomers, {
      pageSize: 10,
      pageToken: '',
      filter: '',
      orderBy: '',
    });
    expect(customers.map(({ fullName }) => fullName).sort()).toEqual(['张伟', '解晓东']);
  });

  it('ends 90 days after the last time', async () => {
    await bench.workers.query(`UPDATE customer.service_access SET served_time = now() - interval '91 days' WHERE staff_id = $1`, [
      staffIdOf('teller'),
    ]);
    await expect(get('teller')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await start('teller', PresentedKind.ID_NUMBER, secrets.zhangId);
    expect((await get('teller')).fullName).toBe('张伟');
  });

  it('answers alike for nobody, a restricted customer, a part of a number and the wrong kind; each try counts', async () => {
    for (const [kind, value] of [
      [PresentedKind.ID_NUMBER, '110101199003070003'],
      [PresentedKind.ID_NUMBER, secrets.restrictedId],
      [PresentedKind.PHONE, secrets.restrictedMobile],
      [PresentedKind.ACCOUNT_NUMBER, secrets.restrictedAccount],
      [PresentedKind.ID_NUMBER, secrets.zhangMobile],
      [PresentedKind.PHONE, secrets.zhangId],
      [PresentedKind.ACCOUNT_NUMBER, secrets.zhangCard],
      [PresentedKind.ID_NUMBER, secrets.zhangId.slice(0, 17)],
    ] as const)
      await expect(start('agent', kind, value)).rejects.toMatchObject({ kind: 'NOT_FOUND', reason: 'NOT_FOUND', metadata: {} });
    // Mistyped: whose number it nearly is does not matter.
    for (const value of ['110105194912310021', `${secrets.restrictedId.slice(0, 17)}0`])
      await expect(start('agent', PresentedKind.ID_NUMBER, value)).rejects.toMatchObject({
        kind: 'INVALID',
        reason: 'ID_CHECK_DIGIT',
        fields: [{ field: 'value' }],
      });
    const { rows } = await bench.workers.query('SELECT uses FROM customer.use_count WHERE staff_id = $1', [staffIdOf('agent')]);
    expect(rows).toEqual([{ uses: 10 }]);
    for (let used = 10; used < 20; used += 1) await start('agent', PresentedKind.PHONE, '13999999999').catch(() => {});
    await expect(start('agent', PresentedKind.ID_NUMBER, secrets.zhangId)).rejects.toMatchObject({
      kind: 'EXHAUSTED',
      reason: 'LOOK_UP_LIMIT',
    });
  });

  it('asks for more when an identifier belongs to several', async () => {
    // Both own an account under one number, as after a change of numbering.
    await bench.workers.query(
      `UPDATE customer.account SET number_index = (SELECT number_index FROM customer.account WHERE source_id = 'A1') WHERE source_id = 'A5'`,
    );
    await expect(start('agent', PresentedKind.ACCOUNT_NUMBER, secrets.zhangAccount)).rejects.toMatchObject({
      kind: 'REFUSED',
      reason: 'SEVERAL_CUSTOMERS',
    });
  });

  it('opens a restricted customer to a participant', async () => {
    await bench.workers.query(
      `INSERT INTO customer.participant (customer_id, staff_id, reason, source) VALUES ($1, $2, 'x', 'manual')`,
      [bare(restricted), staffIdOf('otherTeller')],
    );
    expect((await start('otherTeller', PresentedKind.ID_NUMBER, secrets.restrictedId)).customer).toBe(restricted);
    await bench.workers.query('DELETE FROM customer.participant WHERE staff_id = $1', [staffIdOf('otherTeller')]);
    await expect(get('otherTeller', restricted)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  it('happens once for one request id, and a phone call is recorded as one', async () => {
    const first = await start('agent', PresentedKind.PHONE, secrets.shanMobile, {
      channel: 'phone',
      requestId: 'r-1',
      note: '来电',
    });
    const again = await start('agent', PresentedKind.PHONE, secrets.shanMobile, {
      channel: 'phone',
      requestId: 'r-1',
      note: '来电',
    });
    expect(again).toEqual(first);
    expect(first.interaction).toMatchObject({ kind: 'call', summary: '来电' });
    await expect(
      start('agent', PresentedKind.PHONE, secrets.shanMobile, { channel: 'phone', requestId: 'r-1', note: '另' }),
    ).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('is for counter and contact centre only', async () => {
    for (const name of ['rm', 'hqManager', 'admin'] as const)
      await expect(start(name, PresentedKind.ID_NUMBER, secrets.zhangId)).rejects.toMatchObject({ kind: 'DENIED' });
    await expect(start('teller', PresentedKind.UNSPECIFIED, secrets.zhangId)).rejects.toMatchObject({
      fields: [{ field: 'kind' }],
    });
    await expect(start('teller', PresentedKind.PHONE, '138****8000')).rejects.toMatchObject({ fields: [{ field: 'value' }] });
    await expect(start('teller', PresentedKind.PHONE, secrets.zhangMobile, { channel: 'fax' })).rejects.toMatchObject({
      fields: [{ field: 'channel' }],
    });
  });
});

describe('supplement', () => {
  const supplement = async (
    name: StaffName,
    values: Record<string, string>,
    rest: { customer?: string; etag?: string; requestId?: string } = {},
  ) =>
    bench.as(name, CustomersService.supplementCustomer, {
      name: rest.customer ?? zhang,
      values: Object.entries(values).map(([field, value]) => ({ field, value })),
      etag: rest.etag ?? (await get(name, rest.customer)).etag,
      requestId: rest.requestId ?? '',
    });

  it('stands beside what core banking says, is believed where people know better, and tells the platform', async () => {
    const before = await get('rm');
    const rows = await published(async () => {
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
    const [latest] = (await history('rm')).filter(({ operation }) => operation.endsWith('SupplementCustomer'));
    expect(latest!.changes).toEqual([
      { field: 'occupation', oldValue: '', newValue: '退休教师' },
      { field: 'family', oldValue: '', newValue: '一子一女' },
    ]);
    const taken = await supplement('rm', { occupation: '' });
    expect(taken.individual!.occupation).toBe('engineer');
  });

  it('seals identifying values, shows them masked also in history, and finds the customer by them', async () => {
    const mobile = '13577778888';
    const address = '江苏省苏州市姑苏区平江路九十九号';
    const after = await supplement('rm', { mobile: '135 7777 8888', email: 'New.Mail@Example.org', home_address: address });
    expect(after.contacts.map(({ masked }) => masked)).toEqual(
      expect.arrayContaining(['135****8888', 'n***@example.org', '138****8000']),
    );
    expect(after.addresses.map(({ masked }) => masked)).toContain('江苏省苏州市');
    const [latest] = (await history('rm')).filter(({ operation }) => operation.endsWith('SupplementCustomer'));
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
    const { etag } = await get('rm');
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
    expect((await get('branchManager', shan)).homeOrgUnitCode).toBe('BJ-CY');
  });

  it('is not for those who only read', async () => {
    for (const name of ['hqManager', 'compliance', 'admin'] as const)
      await expect(supplement(name, { occupation: 'x' })).rejects.toMatchObject({ kind: 'DENIED' });
    await expect(supplement('otherRm', { occupation: 'x' }, { etag: '1' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });
});

describe('walls', () => {
  const etagOf = async (customer: string): Promise<string> => {
    const { rows } = await bench.workers.query<{ version: bigint }>(
      'SELECT version FROM customer.customer WHERE customer_id = $1',
      [bare(customer)],
    );
    return String(rows[0]!.version);
  };
  const restrict = async (name: StaffName, customer = pool) =>
    bench.as(name, CustomersService.restrictCustomer, { name: customer, reason: '员工亲属', etag: await etagOf(customer) });
  const lift = async (name: StaffName, customer = pool) =>
    bench.as(name, CustomersService.liftRestriction, { name: customer, reason: '不再适用', etag: await etagOf(customer) });
  const add = (name: StaffName, to: StaffName, rest: { expireTime?: Date; parent?: string } = {}) =>
    bench.as(name, CustomersService.addParticipant, {
      parent: rest.parent ?? pool,
      participant: { name: '', staff: staffName(to), reason: '客户经理', expireTime: rest.expireTime },
    });
  const participants = async (name: StaffName, parent = pool) =>
    (await bench.as(name, CustomersService.listParticipants, { parent })).participants.map(({ staff }) => staff);
  const remove = (name: StaffName, whom: StaffName, parent = pool) =>
    bench.as(name, CustomersService.removeParticipant, { name: `${parent}/participants/${staffIdOf(whom)}` });
  const sees = (name: StaffName, customer = pool) =>
    get(name, customer).then(
      () => true,
      (error: { kind: string }) => {
        expect(error.kind).toBe('NOT_FOUND');
        return false;
      },
    );

  it('hide a customer from all but participants, the first being who raised it', async () => {
    const rows = await published(async () => {
      expect((await restrict('compliance')).restricted).toBe(true);
    });
    expect(rows.map(({ type }) => type)).toEqual(['bankcrm.customer.v1.CustomerChanged', 'bankcrm.audit.v1.Entry']);
    expect(entriesOf(rows)[0]).toMatchObject({ highPrivilege: true, reason: '员工亲属' });
    expect(await sees('compliance')).toBe(true);
    for (const name of ['cityManager', 'hqManager', 'otherCompliance', 'admin', 'steward'] as const)
      expect(await sees(name)).toBe(false);
    await expect(restrict('otherCompliance')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'ALREADY_RESTRICTED' });
  });

  it('are managed by compliance without sight of what is behind them', async () => {
    expect(await participants('otherCompliance')).toEqual([staffName('compliance')]);
    await add('otherCompliance', 'cityManager');
    expect(await sees('cityManager')).toBe(true);
    expect(await sees('otherCompliance')).toBe(false);
    await expect(add('otherCompliance', 'otherCompliance')).rejects.toMatchObject({
      kind: 'REFUSED',
      reason: 'CANNOT_NAME_ONESELF',
    });
    await expect(add('otherCompliance', 'cityManager')).rejects.toMatchObject({ kind: 'ALREADY_EXISTS' });
    await expect(add('otherCompliance', 'rm', { expireTime: new Date('2020-01-01') })).rejects.toMatchObject({ kind: 'INVALID' });
    await expect(add('otherCompliance', 'rm', { parent: zhang })).rejects.toMatchObject({ reason: 'NOT_RESTRICTED' });
    await remove('otherCompliance', 'cityManager');
    expect(await sees('cityManager')).toBe(false);
    await expect(remove('otherCompliance', 'cityManager')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    for (const name of ['rm', 'hqManager', 'admin', 'branchManager'] as const) {
      await expect(participants(name)).rejects.toMatchObject({ kind: 'DENIED' });
      await expect(add(name, 'rm')).rejects.toMatchObject({ kind: 'DENIED' });
    }
  });

  it('let a participant through until the time is over', async () => {
    await add('otherCompliance', 'risk', { expireTime: new Date('2999-01-01') });
    expect(await sees('risk')).toBe(true);
    await bench.workers.query(`UPDATE customer.participant SET expire_time = now() - interval '1 second' WHERE staff_id = $1`, [
      staffIdOf('risk'),
    ]);
    expect(await sees('risk')).toBe(false);
  });

  it('stay up when core banking sends the customer again', async () => {
    const { rows } = await bench.workers.query<{ version: bigint }>(
      'SELECT version FROM customer.customer WHERE customer_id = $1',
      [bare(pool)],
    );
    const { CustomerSnapshot } = await import('@bankcrm/proto/gen/corebanking/v1/customers.ts');
    await bench.give(
      'customer',
      CustomerSnapshot.fromPartial({
        sourceSystem: 'core',
        sourceId: who.pool,
        version: 2n,
        state: 1,
        profile: { $case: 'individual', value: { fullName: '买买提·吐尔逊', occupation: 'baker' } },
        homeBranchCode: 'BJ',
      }),
    );
    const { rows: after } = await bench.workers.query<{ version: bigint; restricted: boolean }>(
      'SELECT version, restricted FROM customer.customer WHERE customer_id = $1',
      [bare(pool)],
    );
    expect(after[0]!.version).toBeGreaterThan(rows[0]!.version);
    expect(after[0]!.restricted).toBe(true);
    expect(await sees('hqManager')).toBe(false);
  });

  it('come down only by somebody who was let through, and by core banking alone where it raised them', async () => {
    await expect(lift('otherCompliance')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'NOT_A_PARTICIPANT' });
    await add('compliance', 'otherCompliance', { expireTime: new Date('2999-01-01') });
    await bench.workers.query(`UPDATE customer.participant SET expire_time = '2026-11-23T08:00:00Z' WHERE staff_id = $1`, [
      staffIdOf('otherCompliance'),
    ]);
    await expect(lift('otherCompliance')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'NOT_A_PARTICIPANT' });
    expect(await sees('hqManager')).toBe(false);
    await add('compliance', 'otherCompliance');
    expect((await lift('otherCompliance')).restricted).toBe(false);
    expect(await sees('hqManager')).toBe(true);
    await expect(lift('otherCompliance')).rejects.toMatchObject({ reason: 'NOT_RESTRICTED' });
    await expect(lift('compliance', restricted)).rejects.toMatchObject({ kind: 'REFUSED', reason: 'RESTRICTED_BY_CORE' });
    await expect(remove('compliance', 'rm', restricted)).rejects.toMatchObject({ kind: 'REFUSED', reason: 'NAMED_BY_CORE' });
    expect(await participants('compliance', restricted)).toEqual([staffName('rm')]);
  });

  it('need the current etag', async () => {
    await expect(
      bench.as('compliance', CustomersService.restrictCustomer, { name: pool, reason: 'x', etag: '1' }),
    ).rejects.toMatchObject({ kind: 'ABORTED' });
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
    ...rest,
  });
  const create = (name: StaffName, rest: Record<string, unknown> = {}, requestId = '') =>
    bench.as(name, InteractionsService.createInteraction, { parent: shan, interaction: interaction(rest), requestId });

  it('are recorded once per request id, with an event and an entry', async () => {
    const rows = await published(async () => {
      const first = await create('rm', {}, 'i-1');
      expect(first).toMatchObject({
        kind: 'call',
        staff: staffName('rm'),
        etag: '1',
        nextStep: { description: '寄资料', dueDate: '2026-12-01', done: false },
      });
      expect(await create('rm', {}, 'i-1')).toEqual(first);
    });
    expect(rows.map(({ topic }) => topic)).toEqual(['bankcrm.customer.v1.interactions', 'bankcrm.audit.v1.entries']);
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
    expect(await complete('1')).toMatchObject({ nextStep: { done: true }, etag: '2' });
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

it('leaves no identifying value in logs, refusals, errors or events', async () => {
  const { rows } = await bench.workers.query<{ text: string }>(
    `SELECT encode(payload, 'escape') || key || subject || headers::text AS text FROM events.outbox`,
  );
  const everything = [
    ...bench.logLines,
    ...bench.refusals.map((refusal) => JSON.stringify(refusal)),
    ...rows.map(({ text }) => text),
  ].join('\n');
  for (const secret of Object.values(secrets)) expect(everything).not.toContain(secret);
  expect(bench.refusals.length).toBeGreaterThan(20);
});
