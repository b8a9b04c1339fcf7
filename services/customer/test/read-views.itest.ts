import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import {
  type Customer360,
  CustomerKind,
  CustomersService,
  PresentedKind,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountId, fillBank, secrets, who } from './support/read-bank.ts';
import { openReads, type ReadBench, staffName } from './support/reading.ts';

let bench: ReadBench;
let zhang: string;

beforeAll(async () => {
  bench = await openReads({ clock: { now: () => new Date('2026-11-23T09:00:00Z') } });
  await fillBank(bench);
  zhang = `customers/${await bench.customerOf(who.zhang)}`;
});
afterAll(() => bench?.closeAll());

const view = (name: Parameters<ReadBench['as']>[0], customer = zhang): Promise<Customer360> =>
  bench.as(name, CustomersService.viewCustomer360, { name: customer });

describe('customer 360', () => {
  it('shows profile, numbers and masked identifying values with what may be revealed', async () => {
    const { customer, fieldSources } = await view('rm');
    expect(customer).toMatchObject({
      name: zhang,
      kind: CustomerKind.INDIVIDUAL,
      fullName: '张伟',
      numbers: [{ sourceSystem: 'core', sourceId: 'C1' }],
      homeOrgUnitCode: 'BJ-CY',
      rm: staffName('rm'),
      individual: { occupation: 'engineer', birthDate: '1949-12-31', annualIncome: { currencyCode: 'CNY', units: 360_000n } },
    });
    expect(customer!.identifiers).toEqual([
      {
        field: expect.stringMatching(/^identifiers\/[0-9a-f-]{36}$/),
        kind: 'resident-id',
        masked: '***************02*',
        preferred: false,
        expireDate: '2027-01-15',
        source: 'core',
        sourceTime: new Date('2026-05-01T08:00:00Z'),
      },
    ]);
    expect(customer!.contacts.map(({ kind, masked, preferred }) => ({ kind, masked, preferred }))).toEqual([
      { kind: 'mobile', masked: '138****8000', preferred: true },
      { kind: 'email', masked: 'z***@example.com', preferred: false },
    ]);
    expect(customer!.addresses.map(({ masked }) => masked)).toEqual(['北京市']);
    // 2026-11-23 + 90 days = 2027-02-21.
    expect(customer!.kyc?.expiringDocuments).toEqual(['resident-id 2027-01-15']);
    expect(fieldSources.find(({ field }) => field === 'full_name')).toMatchObject({ source: 'core', conflicting: false });
  });

  it('shows holdings with role, flags, masked number and how many hold them', async () => {
    const { holdings, holdingsTruncated } = await view('rm');
    const bySource = (sourceId: string) => holdings.find(({ name }) => name.endsWith(accountId(sourceId)));
    expect(holdingsTruncated).toBe(false);
    expect(bySource('A1')).toMatchObject({
      name: `${zhang}/holdings/${accountId('A1')}`,
      kind: 'deposit',
      maskedNumber: '************3445',
      sourceSystem: 'core',
      sourceTime: new Date('2026-05-01T08:00:00Z'),
      frozen: true,
      dormant: false,
      role: 'owner',
      holderCount: 1,
      balance: { currencyCode: 'CNY', units: 10_000n, nanos: 600_000_000 },
      availableBalance: { currencyCode: 'CNY', units: 9_000n, nanos: 0 },
    });
    expect(bySource('A3')).toMatchObject({ kind: 'wealth', dormant: true });
    expect(bySource('A4')).toMatchObject({
      kind: 'loan',
      annualRateMicros: 38_500n,
      daysPastDue: 3,
      principal: { units: 8_000n },
    });
    expect(bySource('A5')).toMatchObject({ role: 'joint-owner', holderCount: 4 });
    expect(bySource('A6')).toMatchObject({ kind: 'debit-card', linkedHolding: `${zhang}/holdings/${accountId('A1')}` });
    expect(bySource('A8')).toMatchObject({ role: 'authorised-signer' });
  });

  it('adds up what is owned by currency and in the bank currency, with the newest rate up to today', async () => {
    const { panorama } = await view('rm');
    // CNY 10000.60 + 5000.00 + 2000.00 (joint); loan 3000.00; 100.05 USD × 7.1234 = 712.69617 → 712.70. JPY has no rate.
    expect(panorama!.byCurrency).toEqual([
      {
        currencyCode: 'CNY',
        assets: { currencyCode: 'CNY', units: 17_000n, nanos: 600_000_000 },
        liabilities: { currencyCode: 'CNY', units: 3_000n, nanos: 0 },
        net: { currencyCode: 'CNY', units: 14_000n, nanos: 600_000_000 },
        rate: '',
        rateDate: '',
      },
      {
        currencyCode: 'JPY',
        assets: { currencyCode: 'JPY', units: 7_000n, nanos: 0 },
        liabilities: { currencyCode: 'JPY', units: 0n, nanos: 0 },
        net: { currencyCode: 'JPY', units: 7_000n, nanos: 0 },
        rate: '',
        rateDate: '',
      },
      expect.objectContaining({
        currencyCode: 'USD',
        assets: { currencyCode: 'USD', units: 100n, nanos: 50_000_000 },
        rateDate: '2026-06-01',
      }),
    ]);
    expect(panorama!.byCurrency[2]!.rate).toMatch(/^7\.1234/);
    expect(panorama).toMatchObject({
      totalAssets: { currencyCode: 'CNY', units: 17_713n, nanos: 300_000_000 },
      totalLiabilities: { currencyCode: 'CNY', units: 3_000n, nanos: 0 },
      totalNet: { currencyCode: 'CNY', units: 14_713n, nanos: 300_000_000 },
      rateDate: '2026-06-01',
      currenciesWithoutRate: ['JPY'],
    });
    expect(panorama!.byKind).toEqual([
      { kind: 'deposit', amount: { currencyCode: 'CNY', units: 12_000n, nanos: 600_000_000 }, holdings: 3 },
      { kind: 'term-deposit', amount: { currencyCode: 'CNY', units: 712n, nanos: 700_000_000 }, holdings: 1 },
      { kind: 'wealth', amount: { currencyCode: 'CNY', units: 5_000n, nanos: 0 }, holdings: 1 },
    ]);
  });

  it('has the same total as the list of customers', async () => {
    const { customers } = await bench.as('rm', CustomersService.listCustomers, {
      pageSize: 50,
      pageToken: '',
      filter: '',
      orderBy: '',
    });
    const { panorama } = await view('rm');
    expect(customers.find(({ name }) => name === zhang)?.totalAssets).toEqual(panorama!.totalAssets);
  });

  it('shows the newest 20 transactions over all accounts with the counterparty masked', async () => {
    const { recentTransactions } = await view('rm');
    expect(recentTransactions.map(({ postTime }) => postTime!.getUTCMinutes())).toEqual(
      Array.from({ length: 20 }, (_, index) => (60 - index) % 60),
    );
    expect(recentTransactions[0]).toMatchObject({
      maskedNumber: '************3445',
      direction: 'credit',
      amount: { units: 60n },
      counterpartyMaskedAccount: '************4567',
      bookingDate: '2026-04-02',
    });
  });

  it('leaves balances, limits, maturities, transactions and income out for callers without the permission for them', async () => {
    const { customer, holdings, panorama, recentTransactions } = await view('admin');
    expect(panorama).toBeUndefined();
    expect(recentTransactions).toEqual([]);
    expect(customer!.individual!.annualIncome).toBeUndefined();
    for (const holding of holdings)
      expect(holding).toMatchObject({
        balance: undefined,
        availableBalance: undefined,
        creditLimit: undefined,
        principal: undefined,
        annualRateMicros: 0n,
        maturityDate: '',
        daysPastDue: 0,
      });
    expect(customer!.contacts[0]!.masked).toBe('138****8000');
  });

  it('returns panels of other services with the fields this caller may see', async () => {
    const field = (key: string, dataClass: DataClass, permission = '') => ({
      key,
      labelZh: key,
      labelEn: key,
      value: `value of ${key}`,
      class: dataClass,
      permission,
    });
    await bench.give(
      'panel',
      CustomerPanel.fromPartial({
        customer: zhang,
        panel: 'tickets',
        sequence: 1n,
        fields: [
          field('open', DataClass.C1),
          field('amount', DataClass.C2_FINANCIAL),
          field('unnamed', DataClass.UNSPECIFIED),
          field('phone', DataClass.C2_IDENTIFYING),
          field('password', DataClass.C3),
          field('secret', DataClass.C1, 'ticketing.tickets.get'),
        ],
      }),
    );
    expect((await view('rm')).panels.map(({ fields }) => fields.map(({ key }) => key))).toEqual([['open', 'amount', 'unnamed']]);
    expect((await view('admin')).panels.map(({ fields }) => fields.map(({ key }) => key))).toEqual([['open']]);
  });

  it('says up to when the view is complete once every partition is known', async () => {
    expect((await view('rm')).dataAsOf).toBeUndefined();
    const row = (partition: number, time: string) =>
      bench.workers.query(
        `INSERT INTO events.kafka_offset (consumer_group, topic, partition, next_offset, caught_up_time, update_time) VALUES ('g', 'corebanking.accounts.v1', $1, 0, $2, now())`,
        [partition, time],
      );
    await row(0, '2026-11-23T08:59:58Z');
    await row(1, '2026-11-23T08:59:57Z');
    expect((await view('rm')).dataAsOf).toEqual(new Date('2026-11-23T08:59:57Z'));
    await bench.workers.query(`UPDATE events.kafka_offset SET waiting_message_time = '2026-11-23T07:00:00Z' WHERE partition = 0`);
    expect((await view('rm')).dataAsOf).toEqual(new Date('2026-11-23T07:00:00Z'));
  });

  it('records every view in history and audit topic together', async () => {
    const before = await bench.workers.query<{ id: string }>('SELECT id FROM events.outbox');
    await view('admin');
    const { rows } = await bench.workers.query<{ id: string; topic: string; payload: Buffer; subject: string }>(
      'SELECT id, topic, payload, subject FROM events.outbox WHERE NOT id = ANY ($1::uuid[])',
      [before.rows.map(({ id }) => id)],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ topic: 'bankcrm.audit.v1.entries', subject: zhang });
    expect(Entry.decode(rows[0]!.payload)).toMatchObject({
      entryId: rows[0]!.id,
      service: 'customer',
      actor: staffName('admin'),
      operation: 'bankcrm.customer.v1.Customers/ViewCustomer360',
      customer: zhang,
      decision: 1,
      callerAddress: '10.1.2.3',
      count: 1n,
    });
    const history = await bench.workers.query('SELECT actor, operation FROM customer.history WHERE entry_id = $1', [rows[0]!.id]);
    expect(history.rows).toEqual([{ actor: staffName('admin'), operation: 'bankcrm.customer.v1.Customers/ViewCustomer360' }]);
  });
});

describe('GetCustomer', () => {
  it('shows what 360 shows of the customer', async () => {
    const got = await bench.as('rm', CustomersService.getCustomer, { name: zhang });
    expect(got).toEqual((await view('rm')).customer);
  });

  it('reads a closed customer, which is in no list', async () => {
    const closed = `customers/${await bench.customerOf(who.closed)}`;
    expect(await bench.as('rm', CustomersService.getCustomer, { name: closed })).toMatchObject({
      fullName: '赵敏',
      closeDate: '2025-01-01',
    });
  });
});

describe('transactions', () => {
  const list = (filter: string, pageSize = 0, pageToken = '') =>
    bench.as('rm', CustomersService.listTransactions, { parent: zhang, pageSize, pageToken, filter });
  const sequences = async (filter: string) => (await list(filter, 200)).transactions.map(({ name }) => name).length;

  it('pages through all accounts without losing or repeating one', async () => {
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await list('', 7, pageToken);
      seen.push(...page.transactions.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen).toHaveLength(65);
    expect(new Set(seen).size).toBe(65);
    const whole = await list('', 200);
    expect(whole.transactions.map(({ name }) => name)).toEqual(seen);
  });

  it('filters by kind, direction, amount, period and account', async () => {
    expect(await sequences('kind = "salary"')).toBe(20 + 1);
    expect(await sequences('direction = "debit" AND amount >= 5000')).toBe(5); // 51 53 55 57 59
    expect(await sequences('amount > 5900')).toBe(1);
    expect(await sequences('booking_date = "2026-04-02"')).toBe(30);
    expect(await sequences('booking_date < "2026-04-02"')).toBe(35);
    expect(await sequences('post_time >= "2026-04-01T08:58:00Z"')).toBe(3);
    expect(await sequences('post_time > "2026-04-01T08:58:00Z" AND post_time < "2026-04-01T09:00:00Z"')).toBe(1);
    expect(await sequences(`holding = "${zhang}/holdings/${accountId('A5')}"`)).toBe(5);
    expect(await sequences('currency_code = "USD"')).toBe(0);
    expect(await sequences('kind = "salary" AND kind = "transfer"')).toBe(0);
    expect(await sequences('channel = "mobile"')).toBe(65);
  });

  it('refuses a token with another filter, a field outside the allowlist and a holding of another customer', async () => {
    const { nextPageToken } = await list('', 5);
    await expect(list('kind = "salary"', 5, nextPageToken)).rejects.toMatchObject({ reason: 'INVALID_PAGE_TOKEN' });
    await expect(list('remark = "x"')).rejects.toMatchObject({ kind: 'INVALID', reason: 'INVALID_FILTER' });
    await expect(list(`holding = "customers/${accountId('A1')}/holdings/${accountId('A1')}"`)).rejects.toMatchObject({
      kind: 'INVALID',
    });
    await expect(list('', 201)).rejects.toMatchObject({ reason: 'INVALID_PAGE_SIZE' });
  });
});

describe('holders', () => {
  it('shows the holders in scope and counts the others', async () => {
    const joint = `${zhang}/holdings/${accountId('A5')}`;
    // The relationship manager takes part in the restricted customer; nobody sees the one that is only mentioned and belongs nowhere.
    const forRm = await bench.as('rm', CustomersService.listHolders, { parent: joint });
    expect(forRm.holders.map(({ fullName, role }) => [fullName, role])).toEqual([
      ['单雄信', 'owner'],
      ['王石', 'joint-owner'],
      ['张伟', 'joint-owner'],
    ]);
    expect(forRm.hiddenHolders).toBe(1);
    const forBranch = await bench.as('branchManager', CustomersService.listHolders, { parent: joint });
    expect(forBranch.holders.map(({ fullName }) => fullName)).toEqual(['单雄信', '张伟']);
    // Of the restricted one nothing tells.
    expect(forBranch.hiddenHolders).toBe(1);
    expect(JSON.stringify(forBranch)).not.toContain('王石');
  });

  it('tells nothing of a restricted holder: the account answers as one of the holders without it', async () => {
    const held = (sourceId: string, number: string, ...holders: string[]) =>
      AccountSnapshot.fromPartial({
        sourceSystem: 'core',
        sourceId,
        version: 1n,
        kind: 1,
        state: 1,
        number,
        currencyCode: 'CNY',
        holders: holders.map((customerSourceId, index) => ({ customerSourceId, role: index === 0 ? 1 : 2 })),
      } as AccountSnapshot);
    const [alone, besideRestricted, two, twoBesideRestricted] = [
      '6222020211110001',
      '6222020211110002',
      '6222020211110003',
      '6222020211110004',
    ];
    await bench.give(
      'account',
      held('H1', alone!, who.zeng),
      held('H2', besideRestricted!, who.zeng, who.restricted),
      held('H3', two!, who.zeng, who.leap),
      held('H4', twoBesideRestricted!, who.zeng, who.leap, who.restricted),
    );
    const zeng = `customers/${await bench.customerOf(who.zeng)}`;
    const answers = async (name: Parameters<ReadBench['as']>[0], sourceId: string) => {
      const parent = `${zeng}/holdings/${accountId(sourceId)}`;
      const { holdings } = await view(name, zeng);
      const { holders, hiddenHolders } = await bench.as(name, CustomersService.listHolders, { parent });
      return [holdings.find((one) => one.name === parent)?.holderCount, holders.length, hiddenHolders];
    };
    const started = (value: string) =>
      bench
        .as('otherTeller', CustomersService.startService, {
          kind: PresentedKind.ACCOUNT_NUMBER,
          value,
          channel: 'counter',
          note: '',
          requestId: '',
        })
        .then(
          ({ customer }) => customer,
          ({ reason }: { reason: string }) => reason,
        );
    for (const name of ['hqManager', 'compliance', 'otherRm'] as const) {
      expect([name, await answers(name, 'H1'), await answers(name, 'H2')]).toEqual([name, [1, 1, 0], [1, 1, 0]]);
      expect([name, await answers(name, 'H3'), await answers(name, 'H4')]).toEqual([name, [2, 2, 0], [2, 2, 0]]);
    }
    expect([await started(alone!), await started(besideRestricted!)]).toEqual([zeng, zeng]);
    expect([await started(two!), await started(twoBesideRestricted!)]).toEqual(['SEVERAL_CUSTOMERS', 'SEVERAL_CUSTOMERS']);
    // Who has served one of them counts the other one, who is not restricted.
    expect([await answers('otherTeller', 'H2'), await answers('otherTeller', 'H4')]).toEqual([
      [1, 1, 0],
      [2, 1, 1],
    ]);
  });

  it('knows no account that the customer does not hold', async () => {
    await expect(
      bench.as('hqManager', CustomersService.listHolders, { parent: `${zhang}/holdings/${accountId('A9')}` }),
    ).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });
});

describe('an account of somebody else', () => {
  const holdingOf = async (name: Parameters<ReadBench['as']>[0], customer: string, account: string) => {
    const { holdings, recentTransactions } = await view(name, customer);
    const holding = holdings.find((one) => one.name === `${customer}/holdings/${accountId(account)}`);
    return { holding, recent: recentTransactions.filter((posted) => posted.holding === holding?.name).length };
  };
  const posted = async (name: Parameters<ReadBench['as']>[0], customer: string, account: string) => {
    const filter = `holding = "${customer}/holdings/${accountId(account)}"`;
    const page = { parent: customer, pageSize: 50, pageToken: '', filter };
    return (await bench.as(name, CustomersService.listTransactions, page)).transactions.length;
  };
  const search = async (name: Parameters<ReadBench['as']>[0], query: string) => {
    const page = { query, pageSize: 20, pageToken: '', includeClosed: false };
    return (await bench.as(name, CustomersService.searchCustomers, page)).customers.map((customer) => customer.fullName);
  };
  const reveal = (name: Parameters<ReadBench['as']>[0], customer: string, account: string) =>
    bench.as(name, CustomersService.revealFields, {
      name: customer,
      fields: [`holdings/${accountId(account)}`],
      reasonCode: 'CUSTOMER_REQUEST',
      note: '',
    });
  /** That there is one, and of what kind. */
  const line = {
    balance: undefined,
    availableBalance: undefined,
    creditLimit: undefined,
    principal: undefined,
    annualRateMicros: 0n,
    openDate: '',
    maturityDate: '',
    frozen: false,
    dormant: false,
    daysPastDue: 0,
    role: 'authorised-signer',
    holderCount: 2,
    currencyCode: '',
    branchCode: '',
    updateTime: undefined,
    sourceSystem: 'core',
    sourceTime: undefined,
    linkedHolding: '',
    flags: [],
    productCode: '',
    kind: 'deposit',
    state: 'active',
    transactionLimits: [],
    product: '',
  };

  it('is a masked line to whoever sees a signer of it and no owner: no amount, posting, number or date', async () => {
    const name = `${zhang}/holdings/${accountId('A8')}`;
    const { holding, recent } = await holdingOf('rm', zhang, 'A8');
    expect(holding).toEqual({ ...line, name, maskedNumber: '************5444', productName: '单位活期存款' });
    expect([recent, await posted('rm', zhang, 'A8')]).toEqual([0, 0]);
    await expect(reveal('rm', zhang, 'A8')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    expect(await search('rm', secrets.orgAccount)).toEqual([]);
    const holders = await bench.as('rm', CustomersService.listHolders, { parent: name });
    expect(holders).toEqual({
      holders: [{ customer: zhang, fullName: '张伟', role: 'authorised-signer' }],
      hiddenHolders: 1,
    });
  });

  it('is shown whole where its owner is in sight too', async () => {
    const { holding, recent } = await holdingOf('hqManager', zhang, 'A8');
    expect(holding).toMatchObject({ role: 'authorised-signer', balance: { units: 990_000n }, openDate: '2020-01-01' });
    expect([recent, await posted('hqManager', zhang, 'A8')]).toEqual([3, 3]);
    expect((await reveal('compliance', zhang, 'A8')).fields.map(({ value }) => value)).toEqual([secrets.orgAccount]);
    expect((await search('hqManager', secrets.orgAccount)).sort()).toEqual(['北京星河科技有限公司', '张伟']);
  });

  it('that a restricted customer owns is a masked line to all but who takes part in that one', async () => {
    const shan = `customers/${await bench.customerOf(who.shan)}`;
    for (const name of ['hqManager', 'compliance', 'branchManager'] as const) {
      const { holding, recent } = await holdingOf(name, shan, 'A10');
      expect(holding).toEqual({
        ...line,
        holderCount: 1,
        name: `${shan}/holdings/${accountId('A10')}`,
        maskedNumber: '************2111',
        productName: '',
      });
      expect([recent, await posted(name, shan, 'A10')]).toEqual([0, 0]);
    }
    const { holding } = await holdingOf('rm', shan, 'A10');
    expect(holding).toMatchObject({ balance: { units: 70_000n } });
    expect(await posted('rm', shan, 'A10')).toBe(3);
  });

  it('that a restricted customer owns with another keeps to itself what is posted, while the balance counts for the other one', async () => {
    for (const [name, readable, holderCount] of [
      ['branchManager', 0, 3],
      ['hqManager', 0, 3],
      ['rm', 5, 4],
    ] as const) {
      const { holding, recent } = await holdingOf(name, zhang, 'A5');
      expect(holding).toMatchObject({ role: 'joint-owner', balance: { units: 2_000n }, holderCount });
      expect(await posted(name, zhang, 'A5')).toBe(readable);
      if (readable === 0) expect(recent).toBe(0);
    }
  });
});

/** The audit entries that an act has left. */
async function recorded(act: () => Promise<unknown>): Promise<Entry[]> {
  const before = await bench.workers.query<{ id: string }>('SELECT id FROM events.outbox');
  await act();
  const { rows } = await bench.workers.query<{ payload: Buffer }>(
    `SELECT payload FROM events.outbox WHERE topic = 'bankcrm.audit.v1.entries' AND NOT id = ANY ($1::uuid[])`,
    [before.rows.map(({ id }) => id)],
  );
  return rows.map(({ payload }) => Entry.decode(payload));
}

describe('the entry of a view', () => {
  const financial = (...names: string[]) => names.map((name) => ({ name, dataClass: DataClass.C2_FINANCIAL }));
  const listedBy = (who: 'rm' | 'admin', filter: string) =>
    bench.as(who, CustomersService.listCustomers, { pageSize: 50, pageToken: '', filter, orderBy: 'full_name' });

  it('names the financial fields that a caller saw in the view of a customer, and none to who may see none', async () => {
    const [seen] = await recorded(() => view('rm'));
    expect(seen!.fields).toEqual(
      financial(
        'customer.individual.annual_income',
        'customer.organisation.registered_capital',
        'holdings',
        'panorama',
        'recent_transactions',
        'panels.fields.value',
        'timeline.entry.label_zh',
        'timeline.entry.label_en',
      ),
    );
    expect(new Set(seen!.fields.map(({ dataClass }) => dataClass))).toEqual(new Set([DataClass.C2_FINANCIAL]));
    expect(await recorded(() => view('admin'))).toMatchObject([{ fields: [] }]);
    const income = financial('individual.annual_income', 'organisation.registered_capital');
    const got = (who: 'rm' | 'admin') => recorded(() => bench.as(who, CustomersService.getCustomer, { name: zhang }));
    expect([await got('rm'), await got('admin')]).toMatchObject([[{ fields: income }], [{ fields: [] }]]);
  });

  it('names those of transactions and of lists that have rows, and none of holders and counts', async () => {
    const page = { parent: zhang, pageSize: 1, pageToken: '', filter: '' };
    expect(await recorded(() => bench.as('rm', CustomersService.listTransactions, page))).toMatchObject([
      {
        fields: financial('transactions'),
      },
    ]);
    const assets = financial('customers.total_assets', 'customers.next_maturity_date', 'customers.next_maturity_amount');
    expect(await recorded(() => listedBy('rm', ''))).toMatchObject([{ fields: assets }]);
    expect(await recorded(() => listedBy('rm', 'segment = "nobody"'))).toMatchObject([{ fields: [], count: 0n }]);
    expect(await recorded(() => listedBy('admin', ''))).toMatchObject([{ fields: [] }]);
    const holders = { parent: `${zhang}/holdings/${accountId('A5')}` };
    expect(await recorded(() => bench.as('rm', CustomersService.listHolders, holders))).toMatchObject([{ fields: [] }]);
    const counted = () => bench.as('rm', CustomersService.countCustomers, { filter: 'total_assets >= 1' });
    expect(await recorded(counted)).toMatchObject([{ fields: [] }]);
  });
});

describe('lists and counts', () => {
  const list = (filter: string, pageToken = '') =>
    bench.as('admin', CustomersService.listCustomers, { pageSize: 3, pageToken, filter, orderBy: 'full_name' });

  it('are recorded page by page with who asked, how many were shown and a hash of what was asked', async () => {
    let token = '';
    const [first] = await recorded(async () => ({ nextPageToken: token } = await list('kind = "INDIVIDUAL"')));
    expect(first).toMatchObject({
      operation: 'bankcrm.customer.v1.Customers/ListCustomers',
      actor: staffName('admin'),
      customer: '',
      decision: 1,
      callerAddress: '10.1.2.3',
      count: 3n,
    });
    expect(first!.queryHash).toHaveLength(32);
    const [second] = await recorded(() => list('kind = "INDIVIDUAL"', token));
    expect(second!.queryHash).toEqual(first!.queryHash);
    const [other] = await recorded(() => list('kind = "ORGANISATION"'));
    expect(other).toMatchObject({ count: 1n });
    expect(other!.queryHash).not.toEqual(first!.queryHash);
    expect(await recorded(() => list('kind = "ORGANISATION" AND kind = "INDIVIDUAL"'))).toMatchObject([{ count: 0n }]);
    const counting = () => bench.as('admin', CustomersService.countCustomers, { filter: 'kind = "INDIVIDUAL"' });
    expect(await recorded(counting)).toMatchObject([
      { operation: 'bankcrm.customer.v1.Customers/CountCustomers', actor: staffName('admin'), count: 1n },
    ]);
  });

  it('of participants are recorded with the customer, in its history too', async () => {
    const restricted = `customers/${await bench.customerOf(who.restricted)}`;
    const [entry] = await recorded(() => bench.as('compliance', CustomersService.listParticipants, { parent: restricted }));
    expect(entry).toMatchObject({
      operation: 'bankcrm.customer.v1.Customers/ListParticipants',
      actor: staffName('compliance'),
      customer: restricted,
    });
    const { rows } = await bench.workers.query('SELECT actor FROM customer.history WHERE entry_id = $1', [entry!.entryId]);
    expect(rows).toEqual([{ actor: staffName('compliance') }]);
  });
});

it('keeps identifying values out of everything but reveals', async () => {
  const answers = [
    await view('hqManager'),
    await bench.as('hqManager', CustomersService.getCustomer, { name: zhang }),
    await bench.as('hqManager', CustomersService.listTransactions, { parent: zhang, pageSize: 200, pageToken: '', filter: '' }),
    await bench.as('hqManager', CustomersService.listCustomers, { pageSize: 200, pageToken: '', filter: '', orderBy: '' }),
    await bench.as('hqManager', CustomersService.listHistory, { parent: zhang, pageSize: 200, pageToken: '' }),
  ];
  const text = JSON.stringify(answers, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  for (const secret of [...Object.values(secrets), '6217000010001234567']) expect(text).not.toContain(secret);
});
