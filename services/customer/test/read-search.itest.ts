import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CustomerState, CustomersService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOrders } from '../src/domain/customer-criteria.ts';
import { fillBank, secrets, who } from './support/read-bank.ts';
import { openReads, type ReadBench, type StaffName, staff, staffIdOf, staffName } from './support/reading.ts';

let bench: ReadBench;

beforeAll(async () => {
  const missLimits = { perDay: 40, perDayAtCounter: 40, ofShape: 40, ofShapeTogether: 40 };
  bench = await openReads({ lookupsPerDay: 40, missLimits, clock: { now: () => new Date('2026-11-23T20:00:00Z') } });
  await fillBank(bench);
});
afterAll(() => bench?.closeAll());

const search = (name: StaffName, query: string, rest: { includeClosed?: boolean; pageSize?: number; pageToken?: string } = {}) =>
  bench.as(name, CustomersService.searchCustomers, { query, pageSize: 20, pageToken: '', includeClosed: false, ...rest });
const names = async (name: StaffName, query: string, rest = {}): Promise<string[]> =>
  (await search(name, query, rest)).customers.map(({ fullName }) => fullName);

describe('search by name', () => {
  it.each([
    ['张伟', '张伟', 'name'],
    ['伟', '张伟', 'name'],
    ['zhangwei', '张伟', 'pinyin'],
    ['zhang wei', '张伟', 'pinyin'],
    ['ＺＨＡＮＧＷＥＩ', '张伟', 'pinyin'],
    ['ZhangWei', '张伟', 'pinyin'],
    ['zw', '张伟', 'initials'],
    ['shanxiongxin', '单雄信', 'pinyin'],
    ['danxiongxin', '单雄信', 'pinyin'],
    ['sxx', '单雄信', 'initials'],
    ['zengguofan', '曾国藩', 'pinyin'],
    ['xie xiaodong', '解晓东', 'pinyin'],
    ['李𬀩', '李𬀩', 'name'],
    ['𬀩', '李𬀩', 'name'],
    ['买买提·吐尔逊', '买买提·吐尔逊', 'name'],
    ['买买提吐尔逊', '买买提·吐尔逊', 'name'],
    ['买买提 吐尔逊', '买买提·吐尔逊', 'name'],
    ['吐尔逊', '买买提·吐尔逊', 'name'],
    ['星河科技', '北京星河科技有限公司', 'name'],
    ['xhkj', '北京星河科技有限公司', 'initials'],
    ['北京星河', '北京星河科技有限公司', 'name'],
  ])('finds by %s', async (query, fullName, matchedBy) => {
    const found = await search('hqManager', query);
    expect(found.customers.map((customer) => customer.fullName)).toContain(fullName);
    expect(found.matchedBy).toContain(matchedBy);
  });

  it('shows whole matches before beginnings, and own customers before others', async () => {
    // 张伟 and 张薇 are both zhang wei; the second is managed by otherRm, who collaborates on neither.
    expect(await names('hqManager', 'zhangwei')).toEqual(['张伟', '张薇']);
    expect(await names('hqManager', 'zhang')).toEqual(['张伟', '张薇']);
    await bench.workers.query('INSERT INTO customer.collaborator (customer_id, staff_id) VALUES ($1, $2)', [
      await bench.customerOf(who.leap),
      staffIdOf('hqManager'),
    ]);
    try {
      const found = await search('hqManager', 'zhangwei');
      expect(found.customers.map(({ fullName, own }) => [fullName, own])).toEqual([
        ['张薇', true],
        ['张伟', false],
      ]);
    } finally {
      await bench.workers.query('DELETE FROM customer.collaborator WHERE staff_id = $1', [staffIdOf('hqManager')]);
    }
  });

  it.each([
    ['张', ['张伟', '张薇']],
    // Two readings of 解晓东 and two names of the firm begin with it.
    ['xi', ['解晓东', '北京星河科技有限公司', '单雄信']],
  ])('by %s pages through all matches, each once', async (query, expected) => {
    const whole = await names('hqManager', query, { pageSize: 50 });
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await search('hqManager', query, { pageSize: 1, pageToken });
      seen.push(...page.customers.map(({ fullName }) => fullName));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen).toEqual(whole);
    expect(seen).toEqual(expected);
  });

  it('leaves closed customers out unless asked for', async () => {
    expect(await names('rm', '赵敏')).toEqual([]);
    const { customers } = await search('rm', '赵敏', { includeClosed: true });
    expect(customers.map(({ fullName, state }) => [fullName, state])).toEqual([['赵敏', CustomerState.CLOSED]]);
  });
});

describe('search by a complete number', () => {
  it.each([
    [secrets.zhangId, 'id-number'],
    ['11010519491231002x', 'id-number'],
    [' 110105 19491231 002X ', 'id-number'],
    [secrets.zhangMobile, 'phone'],
    ['+86 138-0013-8000', 'phone'],
    ['１３８００１３８０００', 'phone'],
    [secrets.zhangAccount, 'account-number'],
    ['6222 0202 0011 2233 445', 'account-number'],
    [secrets.zhangCard, 'account-number'],
    ['C1', 'customer-number'],
    ['c1', 'customer-number'],
  ])('finds by %s', async (query, matchedBy) => {
    const found = await search('rm', query);
    expect(found.customers.map(({ fullName }) => fullName)).toEqual(['张伟']);
    expect(found.matchedBy).toEqual([matchedBy]);
  });

  it('finds nobody by a part of one, and refuses a masked one', async () => {
    expect(await names('rm', '1380013')).toEqual([]);
    expect(await names('rm', secrets.zhangAccount.slice(0, 12))).toEqual([]);
    for (const query of [
      '138****8000',
      '**************002X',
      '***************02*',
      '************3445',
      'z***@example.com',
      '张*',
    ])
      await expect(search('rm', query)).rejects.toMatchObject({ kind: 'INVALID', reason: 'MASKED_QUERY' });
  });

  it('refuses queries too short or too long', async () => {
    for (const query of ['', 'a', '  ', '!!', 'x'.repeat(65)])
      await expect(search('rm', query)).rejects.toMatchObject({ kind: 'INVALID' });
  });

  it('is counted for each member of staff, found or not, and limited by the day of the bank; names are not', async () => {
    for (let used = 0; used < 40; used += 1) await search('otherRm', used % 2 === 0 ? secrets.zhangMobile : '13999999999');
    await expect(search('otherRm', secrets.zhangMobile)).rejects.toMatchObject({ kind: 'EXHAUSTED', reason: 'LOOK_UP_LIMIT' });
    expect(await names('otherRm', '曾国藩')).toEqual(['曾国藩']);
    const { rows } = await bench.workers.query(`SELECT kind, day, uses FROM customer.use_count WHERE staff_id = $1`, [
      staffIdOf('otherRm'),
    ]);
    // 20:00 UTC is the next day in Shanghai.
    expect(rows).toEqual([{ kind: 'look-up', day: '2026-11-24', uses: 40 }]);
  });

  it('is counted exactly when many come at once', async () => {
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => search('steward', '13999999999')));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(40);
  });
});

describe('a record of the search', () => {
  const recorded = async (act: () => Promise<unknown>) => {
    const { rows: before } = await bench.workers.query<{ id: string }>('SELECT id FROM events.outbox');
    await act();
    const { rows } = await bench.workers.query<{ payload: Buffer; all: string }>(
      `SELECT payload, encode(payload, 'escape') || headers::text || subject || key AS all FROM events.outbox
       WHERE topic = 'bankcrm.audit.v1.entries' AND NOT id = ANY ($1::uuid[]) ORDER BY position`,
      [before.map(({ id }) => id)],
    );
    for (const { all } of rows) expect(all).not.toContain(secrets.zhangId);
    return rows.map(({ payload }) => Entry.decode(payload));
  };

  it('says who, when and how many were found, and what was asked for as a hash', async () => {
    const [name, ...more] = await recorded(() => search('compliance', '张伟'));
    expect(name).toMatchObject({
      actor: staffName('compliance'),
      operation: 'bankcrm.customer.v1.Customers/SearchCustomers',
      customer: '',
      count: 1n,
    });
    expect(name!.queryHash).toHaveLength(32);
    expect(more).toEqual([]);
    const [again] = await recorded(() => search('compliance', '张伟'));
    const [other] = await recorded(() => search('compliance', '李𬀩'));
    expect([again!.queryHash.equals(name!.queryHash), other!.queryHash.equals(name!.queryHash)]).toEqual([true, false]);
    expect(await recorded(() => search('compliance', '13999999999'))).toMatchObject([{ customer: '', count: 0n, fields: [] }]);
  });

  it('by a number names each customer found, in that customer’s history too', async () => {
    const zhang = await bench.customerOf(who.zhang);
    const [look, found, ...more] = await recorded(() => search('compliance', secrets.zhangId));
    expect(more).toEqual([]);
    expect(look).toMatchObject({ customer: '', count: 1n });
    expect(found).toMatchObject({
      actor: staffName('compliance'),
      operation: 'bankcrm.customer.v1.Customers/SearchCustomers',
      customer: `customers/${zhang}`,
      reason: 'id-number',
      queryHash: look!.queryHash,
    });
    const assets = ['customers.total_assets', 'customers.next_maturity_date', 'customers.next_maturity_amount'];
    for (const { fields } of [look!, found!]) expect(fields.map(({ name }) => name)).toEqual(assets);
    const { rows } = await bench.workers.query('SELECT customer_id, actor FROM customer.history WHERE entry_id = $1', [
      found!.entryId,
    ]);
    expect(rows).toEqual([{ customer_id: zhang, actor: staffName('compliance') }]);
  });

  it('never holds what was typed', () => {
    expect(bench.logLines.join('\n')).not.toContain(secrets.zhangId);
    expect(bench.logLines.join('\n')).not.toContain(secrets.zhangMobile);
  });

  it('keeps the query out of page tokens, and tokens to their query', async () => {
    const { nextPageToken } = await search('hqManager', '张', { pageSize: 1 });
    expect(Buffer.from(nextPageToken, 'base64url').toString('latin1')).not.toMatch(/张|zhang/);
    await expect(search('hqManager', '李', { pageSize: 1, pageToken: nextPageToken })).rejects.toMatchObject({
      reason: 'INVALID_PAGE_TOKEN',
    });
    await expect(search('risk', '张', { pageSize: 1, pageToken: nextPageToken })).rejects.toMatchObject({
      reason: 'INVALID_PAGE_TOKEN',
    });
  });
});

describe('list of customers', () => {
  const list = (name: StaffName, filter: string, orderBy = '', rest = {}) =>
    bench.as(name, CustomersService.listCustomers, { pageSize: 50, pageToken: '', filter, orderBy, ...rest });
  const listed = async (name: StaffName, filter: string, orderBy = '') =>
    (await list(name, filter, orderBy)).customers.map(({ fullName }) => fullName);

  it.each(listOrders)('by %s pages through everybody once, in the order of the whole list', async (orderBy) => {
    for (const name of ['hqManager', 'rm', 'cityManager'] as const) {
      const whole = (await list(name, '', orderBy)).customers.map((customer) => customer.name);
      const seen: string[] = [];
      let pageToken = '';
      do {
        const page = await list(name, '', orderBy, { pageSize: 1, pageToken });
        seen.push(...page.customers.map((customer) => customer.name));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      expect(seen).toEqual(whole);
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  it('sorts by assets, names, maturities coming and birthdays coming', async () => {
    expect((await listed('rm', '', 'total_assets desc'))[0]).toBe('王石');
    expect(await listed('rm', '', 'full_name')).toEqual(['李𬀩', '单雄信', '王石', '张伟']);
    expect((await listed('hqManager', '', 'next_maturity_date'))[0]).toBe('张伟');
    // Today is 24 November 2026 in Shanghai: 31 December, then 28 February for whoever was born on the 29th, then 15 June.
    const birthdays = (await list('hqManager', '', 'next_birthday')).customers;
    expect(birthdays.slice(0, 2).map(({ fullName, nextBirthday }) => [fullName, nextBirthday])).toEqual([
      ['张伟', '2026-12-31'],
      ['张薇', '2027-02-28'],
    ]);
    expect(birthdays[2]!.nextBirthday).toBe('2027-06-15');
  });

  it('shows what a list needs, masked', async () => {
    const { customers } = await list('rm', '', 'next_maturity_date');
    expect(customers[0]).toMatchObject({
      fullName: '张伟',
      primaryNumber: 'C1',
      maskedMobile: '138****8000',
      maskedIdentifier: '***************02*',
      nextMaturityDate: '2026-12-24',
      nextMaturityAmount: { currencyCode: 'USD', units: 100n, nanos: 50_000_000 },
      own: true,
      rm: staffName('rm'),
    });
  });

  it('filters by manager, unit, kind, state, maturity, birthday and assets', async () => {
    expect(await listed('hqManager', `rm = "${staff.otherRm}"`, 'full_name')).toEqual(['北京星河科技有限公司', '曾国藩', '张薇']);
    expect(await listed('rm', 'rm = "me" AND next_maturity_date <= "2026-12-31"')).toEqual(['张伟']);
    expect(await listed('rm', 'next_maturity_date < "2026-12-24"')).toEqual([]);
    expect(await listed('hqManager', 'home_org_unit_code = "BJ"')).toEqual(['买买提·吐尔逊']);
    expect(await listed('hqManager', 'kind = "ORGANISATION"')).toEqual(['北京星河科技有限公司']);
    expect(await listed('hqManager', 'next_birthday <= "2026-12-31"')).toEqual(['张伟']);
    expect(await listed('hqManager', 'next_birthday >= "2027-02-01" AND next_birthday <= "2027-02-28"')).toEqual(['张薇']);
    expect(await listed('hqManager', 'next_birthday = "2027-03-01"')).toEqual([]);
    expect(await listed('hqManager', 'total_assets >= 99000000')).toEqual(['北京星河科技有限公司']);
    expect(await listed('hqManager', 'state = "DORMANT"')).toEqual([]);
    expect(await listed('hqManager', 'segment = "mass" AND segment = "wealth"')).toEqual([]);
    expect((await bench.as('hqManager', CustomersService.countCustomers, { filter: `rm = "${staff.otherRm}"` })).count).toBe(3n);
    expect(
      (await bench.as('cityManager', CustomersService.countCustomers, { filter: 'next_birthday <= "2026-12-31"' })).count,
    ).toBe(1n);
  });

  it('takes no masked field for a filter or an order, and no financial one from callers who do not see it', async () => {
    for (const field of ['mobile', 'masked_mobile', 'identifier', 'id_number', 'email', 'account_number', 'full_name'])
      await expect(list('hqManager', `${field} = "1"`)).rejects.toMatchObject({ kind: 'INVALID', reason: 'INVALID_FILTER' });
    for (const order of ['masked_mobile', 'masked_identifier desc', 'total_assets', 'id'])
      await expect(list('hqManager', '', order)).rejects.toMatchObject({ kind: 'INVALID', reason: 'INVALID_ORDER' });
    for (const filter of ['total_assets > 1', 'next_maturity_date > "2026-01-01"'])
      await expect(list('admin', filter)).rejects.toMatchObject({ kind: 'DENIED', reason: 'FIELD_NOT_SHOWN' });
    for (const order of ['total_assets desc', 'next_maturity_date'])
      await expect(list('admin', '', order)).rejects.toMatchObject({ kind: 'DENIED', reason: 'FIELD_NOT_SHOWN' });
    const { customers } = await list('admin', '');
    for (const customer of customers)
      expect(customer).toMatchObject({ totalAssets: undefined, nextMaturityAmount: undefined, nextMaturityDate: '' });
    // Without a permission to sort by riches, the list comes by name.
    expect(customers.map(({ fullName }) => fullName)).toEqual(await listed('admin', '', 'full_name'));
  });

  it('refuses bad filters, sizes and tokens with the field at fault', async () => {
    for (const filter of [
      'rm = "999999"',
      'next_birthday = "2026-02-30"',
      'total_assets = 1.5',
      `${'kind = "INDIVIDUAL" AND '.repeat(30)}kind = "INDIVIDUAL"`,
    ])
      await expect(list('rm', filter)).rejects.toMatchObject({ kind: 'INVALID', fields: [{ field: 'filter' }] });
    await expect(list('rm', '', '', { pageSize: 100_000 })).rejects.toMatchObject({ fields: [{ field: 'page_size' }] });
    await expect(list('rm', '', '', { pageToken: 'AAAA' })).rejects.toMatchObject({ fields: [{ field: 'page_token' }] });
  });
});
