import { CustomersService, PresentedKind } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { InteractionRecorded } from '@bankcrm/proto/gen/bankcrm/customer/v1/events.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ActBench, bare, entriesOf, openActs } from './support/read-acts.ts';
import { accountId, secrets } from './support/read-bank.ts';
import { type StaffName, someId, staffIdOf, staffName } from './support/reading.ts';

let bench: ActBench;
let zhang: string;
let shan: string;
let restricted: string;

beforeAll(async () => {
  bench = await openActs();
  ({ zhang, shan, restricted } = bench);
});
beforeEach(() => bench.workers.query('DELETE FROM customer.use_count; DELETE FROM customer.look_up_miss'));
afterAll(() => bench?.closeAll());

describe('reveal', () => {
  const reveal = (name: StaffName, fields: string[], rest: { customer?: string; reasonCode?: string; note?: string } = {}) =>
    bench.as(name, CustomersService.revealFields, {
      name: rest.customer ?? zhang,
      fields,
      reasonCode: rest.reasonCode ?? 'CALL_CUSTOMER',
      note: rest.note ?? '',
    });
  const fieldsOf = async () => {
    const { identifiers, contacts, addresses } = await bench.get('rm');
    return [...identifiers, ...contacts, ...addresses].map(({ field }) => field);
  };

  it('shows the values asked for, counts them and records the reason and not the values', async () => {
    const [id, mobile, email, address] = (await fieldsOf()) as [string, string, string, string];
    let revealed: Awaited<ReturnType<typeof reveal>> | undefined;
    const rows = await bench.published(async () => {
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
    expect(entry!.fields).toEqual(
      ['addresses.home', 'contacts.mobile', 'holdings.number'].map((name) => ({ name, dataClass: DataClass.C2_IDENTIFYING })),
    );
    expect(await reveal('rm', [id, email])).toMatchObject({
      fields: [{ value: secrets.zhangId }, { value: secrets.zhangEmail }],
      remainingToday: 0,
    });
    await expect(reveal('rm', [mobile])).rejects.toMatchObject({
      kind: 'EXHAUSTED',
      reason: 'REVEAL_LIMIT',
      metadata: { limit: '5' },
    });
    const entries = await bench.history('rm');
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
    expect(bench.refusals.at(-1)!.queryHash).toHaveLength(32);
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

  it('reaches no further than the post that allows it: an rm who is also admin reads the rest of the bank masked', async () => {
    await bench.workers.query('INSERT INTO customer.collaborator (customer_id, staff_id) VALUES ($1, $2)', [
      bare(shan),
      staffIdOf('rmAdmin'),
    ]);
    const mobileOf = async (customer: string) =>
      (await bench.get('rmAdmin', customer)).contacts.find(({ kind }) => kind === 'mobile')!;
    const supplement = async (name: string) =>
      bench.as('rmAdmin', CustomersService.supplementCustomer, {
        name,
        values: [{ field: 'education', value: '本科' }],
        etag: (await bench.get('rmAdmin', name)).etag,
        requestId: '',
      });

    const theirs = await mobileOf(zhang);
    expect(theirs.masked).toBe('138****8000');
    await expect(reveal('rmAdmin', [theirs.field])).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(supplement(zhang)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    const view = await bench.as('rmAdmin', CustomersService.viewCustomer360, { name: zhang });
    expect([view.panorama, view.recentTransactions, view.recentInteractions]).toEqual([undefined, [], []]);
    const transactions = { parent: zhang, pageSize: 1, pageToken: '', filter: '' };
    await expect(bench.as('rmAdmin', CustomersService.listTransactions, transactions)).rejects.toMatchObject({
      kind: 'NOT_FOUND',
    });

    const own = await mobileOf(shan);
    expect(await reveal('rmAdmin', [own.field], { customer: shan })).toMatchObject({ fields: [{ value: secrets.shanMobile }] });
    expect((await supplement(shan)).individual!.education).toBe('本科');
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
    await expect(bench.get('teller')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    for (const [kind, value] of [
      [PresentedKind.ID_NUMBER, ' 11010519491231002x'],
      [PresentedKind.ACCOUNT_NUMBER, '6222 0202 0011 2233 445'],
      [PresentedKind.CARD_NUMBER, secrets.zhangCard],
    ] as const) {
      const rows = await bench.published(async () => {
        const started = await start('teller', kind, value);
        expect(started).toMatchObject({
          customer: zhang,
          interaction: { kind: 'counter-service', direction: 'inbound', staff: staffName('teller') },
        });
      });
      expect(rows.map(({ type }) => type)).toEqual(['bankcrm.customer.v1.InteractionRecorded', 'bankcrm.audit.v1.Entry']);
      expect(entriesOf(rows)[0]!.queryHash).toHaveLength(32);
      expect(entriesOf(rows)[0]!.fields.map(({ name }) => name)).toEqual(['kind', 'direction', 'occur_time']);
      expect(InteractionRecorded.decode(rows[0]!.payload)).toMatchObject({
        customer: zhang,
        staff: staffName('teller'),
        sequence: 1n,
      });
    }
    expect((await bench.get('teller')).fullName).toBe('张伟');
    await expect(bench.get('teller', shan)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(bench.get('otherTeller')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
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
    await expect(bench.get('teller')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await start('teller', PresentedKind.ID_NUMBER, secrets.zhangId);
    expect((await bench.get('teller')).fullName).toBe('张伟');
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
      await expect(start('agent', kind, value, { channel: 'phone' })).rejects.toMatchObject({
        kind: 'NOT_FOUND',
        reason: 'NOT_FOUND',
        metadata: {},
      });
    // Mistyped: whose number it nearly is does not matter.
    for (const value of ['110105194912310021', `${secrets.restrictedId.slice(0, 17)}0`]) {
      await expect(start('agent', PresentedKind.ID_NUMBER, value)).rejects.toMatchObject({
        kind: 'INVALID',
        reason: 'ID_CHECK_DIGIT',
        fields: [{ field: 'value' }],
      });
      expect(bench.refusals.at(-1)).toMatchObject({
        actor: staffName('agent'),
        operation: 'bankcrm.customer.v1.Customers/StartService',
        reason: 'ID_CHECK_DIGIT',
      });
    }
    const { rows } = await bench.workers.query('SELECT uses FROM customer.use_count WHERE staff_id = $1', [staffIdOf('agent')]);
    expect(rows).toEqual([{ uses: 10 }]);
    for (let used = 10; used < 20; used += 1)
      await start('agent', PresentedKind.PHONE, '13999999999', { channel: 'phone' }).catch(() => {});
    await expect(start('agent', PresentedKind.ID_NUMBER, secrets.zhangId)).rejects.toMatchObject({
      kind: 'EXHAUSTED',
      reason: 'LOOK_UP_LIMIT',
    });
  });

  it('asks for more when an account has several holders, signers included, and opens nobody', async () => {
    const several = { kind: 'REFUSED', reason: 'SEVERAL_CUSTOMERS', metadata: {} };
    for (const number of [secrets.orgAccount, '6222020288887777666'])
      await expect(start('otherTeller', PresentedKind.ACCOUNT_NUMBER, number)).rejects.toMatchObject(several);
    const { rows } = await bench.workers.query(
      `SELECT FROM customer.service_access WHERE staff_id = $1 AND served_time > now() - interval '1 day'`,
      [staffIdOf('otherTeller')],
    );
    expect(rows).toEqual([]);
  });

  it('opens the signer of an account whose owner is restricted, as if it were the signer’s alone', async () => {
    expect((await start('otherTeller', PresentedKind.ACCOUNT_NUMBER, secrets.restrictedSigned)).customer).toBe(shan);
    await bench.workers.query('DELETE FROM customer.service_access WHERE staff_id = $1', [staffIdOf('otherTeller')]);
  });

  it('opens nobody by an account or card that is closed', async () => {
    const set = (state: string) =>
      bench.workers.query(`UPDATE customer.account SET state = $1 WHERE source_id IN ('A1', 'A6')`, [state]);
    for (const state of ['closed', 'written-off']) {
      await set(state);
      for (const [kind, value] of [
        [PresentedKind.ACCOUNT_NUMBER, secrets.zhangAccount],
        [PresentedKind.CARD_NUMBER, secrets.zhangCard],
      ] as const)
        await expect(start('otherTeller', kind, value)).rejects.toMatchObject({ kind: 'NOT_FOUND', reason: 'NOT_FOUND' });
    }
    await set('active');
  });

  it('takes a phone number from service agents on the phone alone: at the counter it may be a neighbour’s', async () => {
    for (const [name, channel] of [
      ['teller', 'counter'],
      ['teller', 'phone'],
      ['agent', 'counter'],
    ] as const)
      await expect(start(name, PresentedKind.PHONE, secrets.zhangMobile, { channel })).rejects.toMatchObject({
        kind: 'INVALID',
        fields: [{ field: 'kind' }],
      });
    expect((await bench.workers.query('SELECT FROM customer.use_count')).rows).toEqual([]);
    expect((await start('agent', PresentedKind.PHONE, '+86 13800138000', { channel: 'phone' })).customer).toBe(zhang);
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
    await expect(bench.get('otherTeller', restricted)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
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

it('leaves no identifying value in logs, refusals, errors or events', () => bench.expectNoSecrets(20));
