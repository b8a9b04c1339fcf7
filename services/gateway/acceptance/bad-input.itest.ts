import { getCustomer, listCustomers } from '@bankcrm/acceptance/api.ts';
import { as, http, type Person, problem, type Reply } from '@bankcrm/acceptance/client.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { orgUnits } from '@bankcrm/acceptance/staff-api.ts';
import { beforeAll, describe, expect, it } from 'vitest';

let rm: Person;
let admin: Person;
let teller: Person;
let customer: string;

beforeAll(async () => {
  [rm, admin, teller] = await Promise.all([as(people.rm), as(people.admin), as(people.teller)]);
  customer = (await listCustomers(rm))[0]!.name;
});

/** A 4xx problem document with a reason and, where something in particular is wrong, its field. */
function refused(reply: Reply, status: number | number[], field?: string | RegExp): void {
  const body = problem(reply);
  expect([status].flat(), reply.text).toContain(reply.status);
  if (field !== undefined) expect(body.field, reply.text).toMatch(field);
}

const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  rm.send('POST', path, { body, headers });
const search = '/v1/customers:search';

describe('a body', () => {
  it.each(['{', '{"query": "张"', '{"query": 张}', '[1,2', 'null x', "{'query':'a'}"])(
    'that is not JSON (%s) is refused',
    async (body) => {
      refused(await post(search, body), 400, /./);
    },
  );

  it.each(['[]', '"text"', '7', 'null'])('that is no object (%s) is refused', async (body) => {
    refused(await post(search, body), 400, /./);
  });

  it.each([
    ['query', { query: 7 }],
    ['pageSize', { query: '张伟', pageSize: 'many' }],
    ['pageSize', { query: '张伟', pageSize: 1.5 }],
    ['includeClosed', { query: '张伟', includeClosed: 'yes' }],
    ['query', { query: ['张伟'] }],
  ])('with a wrong type in %s is refused by name', async (field, body) => {
    refused(await rm.post(search, body), 400, field);
  });

  it('with a field that nobody knows is refused by name', async () => {
    refused(await rm.post(search, { query: '张伟', colour: 'red' }), 400, 'colour');
    refused(await rm.post(`/v1/${customer}/interactions`, { kind: 'call', nextStep: { when: 'soon' } }), 400, /nextStep\.when/);
  });

  it.each(['99999999999999999999', '-99999999999999999999', '1e40'])(
    'with a number beyond its type (%s) is refused by name',
    async (number) => {
      refused(await post(search, `{"query":"张伟","pageSize":${number}}`), 400, 'pageSize');
    },
  );

  it('with bytes that are no UTF-8 is refused', async () => {
    refused(await post(search, Buffer.from([...Buffer.from('{"query":"'), 0xc3, 0x28, ...Buffer.from('"}')])), 400, /./);
    refused(await post(search, Buffer.from([...Buffer.from('{"query":"'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')])), 400, /./);
  });

  it('nested a thousand or a hundred thousand deep is refused', async () => {
    for (const depth of [1_000, 100_000])
      refused(await post(search, `{"query":${'['.repeat(depth)}${']'.repeat(depth)}}`), 400, /./);
  });

  it('of 10 MB is refused', async () => {
    refused(await post(search, JSON.stringify({ query: 'x'.repeat(10_000_000) })), [400, 413], 'body');
  });

  it('of another type, or packed, is refused', async () => {
    refused(await post(search, '{"query":"张伟"}', { 'content-type': 'text/plain' }), 415, 'Content-Type');
    refused(await post(search, '{"query":"张伟"}', { 'content-encoding': 'gzip' }), 415, 'Content-Encoding');
  });

  it('that tries to reach the prototype is refused like any unknown field', async () => {
    refused(await post(search, '{"query":"张伟","__proto__":{"admin":true}}'), 400, /__proto__/);
    refused(await post(search, '{"query":"张伟","constructor":{}}'), 400, 'constructor');
  });
});

describe('a date', () => {
  it.each(['2026-02-30', '2026-13-01', '2025-02-29', '0000-00-00', '0000-01-01', '-000001-12-31', 'tomorrow', '2026-2-3'])(
    'that is none (%s) is refused by name',
    async (day) => {
      const interaction = {
        kind: 'call',
        direction: 'outbound',
        summary: 'x',
        nextStep: { description: 'call again', dueDate: day },
      };
      refused(await rm.post(`/v1/${customer}/interactions`, interaction), 400, /due_?date/i);
      refused(await rm.get('/v1/customers', { filter: `next_maturity_date <= "${day}"` }), 400, 'filter');
      refused(await rm.get('/v1/customers', { filter: `next_birthday > "${day}"` }), 400, 'filter');
      refused(await rm.get(`/v1/${customer}/transactions`, { filter: `booking_date >= "${day}"` }), 400, 'filter');
    },
  );

  it.each(['2026-02-30T10:00:00Z', '2026-01-01T25:00:00Z', 'now'])(
    'and time that are none (%s) are refused by name',
    async (time) => {
      refused(await rm.post(`/v1/${customer}/interactions`, { kind: 'call', occurTime: time }), 400, 'occurTime');
    },
  );

  it.each([
    '2026-02-30T08:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T08:00',
    '2026-01-31T08:00:00',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+08:00',
    '9999-12-31T23:59:59-08:00',
  ])('and time that are none, have no zone, or leave the calendar (%s) are refused in a filter', async (time) => {
    refused(await rm.get(`/v1/${customer}/transactions`, { filter: `post_time >= "${time}"` }), 400, 'filter');
  });

  it.each([
    ['/v1/customers', 'next_maturity_date > "9999-12-31"'],
    ['/v1/customers', 'next_maturity_date < "0001-01-01"'],
    ['/v1/customers', 'next_birthday > "9999-12-31"'],
    ['/v1/customers', 'next_birthday < "0001-01-01"'],
    ['transactions', 'booking_date > "9999-12-31"'],
    ['transactions', 'booking_date < "0001-01-01"'],
    ['transactions', 'post_time > "9999-12-31T23:59:59.999Z"'],
    ['transactions', 'post_time < "0001-01-01T00:00:00Z"'],
  ])('has nothing beyond the ends of the calendar (%s: %s)', async (path, filter) => {
    const reply = await rm.get(path === 'transactions' ? `/v1/${customer}/transactions` : path, { filter });
    expect(reply.status, reply.text).toBe(200);
    expect(JSON.parse(reply.text)).toEqual({});
  });
});

describe('a list', () => {
  it.each(['-1', '201', '100000', '99999999999999999999', 'all'])('with page size %s is refused by name', async (pageSize) => {
    for (const path of ['/v1/customers', `/v1/${customer}/transactions`])
      refused(await rm.get(path, { pageSize }), 400, /page_?size/i);
  });

  it('with a page token that was tampered with, cut off or made up is refused', async () => {
    const { nextPageToken: token } = JSON.parse((await rm.get('/v1/customers', { pageSize: 1 })).text) as {
      nextPageToken: string;
    };
    const middle = Math.floor(token.length / 2);
    const flipped = token.slice(0, middle) + (token[middle] === 'A' ? 'B' : 'A') + token.slice(middle + 1);
    for (const pageToken of [flipped, token.slice(0, -4), 'bWFkZSB1cA', 'x'.repeat(5_000)])
      refused(await rm.get('/v1/customers', { pageSize: 1, pageToken }), 400, /page_?token/i);
    const colleague = await as(people.colleague);
    refused(await colleague.get('/v1/customers', { pageSize: 1, pageToken: token }), 400, /page_?token/i);
  });

  it('with a filter of 10,000 terms is refused', async () => {
    const filter = Array.from({ length: 10_000 }, () => 'segment = "mass"').join(' AND ');
    refused(await rm.get('/v1/customers', { filter }), [400, 431]);
    const short = Array.from({ length: 400 }, () => 'kind="a"').join(' AND ');
    refused(await rm.get('/v1/customers', { filter: short }), 400, 'filter');
  });

  it.each([
    'colour = "red"',
    'segment = ',
    'segment "mass"',
    "segment = 'mass' OR 1=1 --",
    'total_assets >= "much"',
    'segment = "mass',
    '(',
  ])('with a filter that cannot be meant (%s) is refused', async (filter) => {
    refused(await rm.get('/v1/customers', { filter }), 400, 'filter');
  });

  it.each(['mobile', 'full_name; DROP TABLE', 'masked_identifier desc', 'total_assets sideways'])(
    'cannot be ordered by %s',
    async (orderBy) => {
      refused(await rm.get('/v1/customers', { orderBy }), 400, /order_?by/i);
    },
  );

  it('with a parameter that nobody knows, or one twice, is refused by name', async () => {
    refused(await rm.get('/v1/customers', { colour: 'red' }), 400, 'colour');
    refused(await rm.send('GET', '/v1/customers?pageSize=1&pageSize=2'), 400, 'pageSize');
  });
});

describe('an address', () => {
  it.each([
    '/v1/customers/not-a-uuid',
    '/v1/customers/..%2f..%2fetc',
    '/v1/customers/%00',
    '/v1/customers/0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40%2Fholdings',
    '/v1/customers/%ff',
  ])('%s is refused or leads nowhere', async (path) => {
    refused(await rm.get(path), [400, 404]);
  });

  it('that is not there, a method that is not taken, and no token at all are told apart', async () => {
    refused(await rm.get('/v1/nothing'), 404);
    refused(await rm.send('DELETE', '/v1/customers'), [404, 405]);
    refused(await http('GET', '/v1/customers'), 401);
    refused(await rm.send('PATCH', `/v1/${customer}:view360`), 405);
    refused(await rm.get(`/v1/${customer}:foo`), 404);
  });
});

describe('a change', () => {
  it('without If-Match, with a wrong one, or one that is none, is refused', async () => {
    const unit = (await orgUnits(admin)).get('BJ-XC')!;
    const update = (headers: Record<string, string>) =>
      admin.send('PATCH', `/v1/${unit.name}`, { body: { displayName: '改名' }, headers });
    refused(await update({}), 428, 'If-Match');
    for (const value of ['"999999"', 'W/"999999"']) refused(await update({ 'if-match': value }), 412);
    for (const value of ['*', '1', '""', '"1", "2"']) refused(await update({ 'if-match': value }), 400, 'If-Match');
    expect((await orgUnits(admin)).get('BJ-XC')?.displayName).toBe(unit.displayName);
  });

  it('with an idempotency key that was used for another body is refused', async () => {
    const key = { 'idempotency-key': 'bad-input-0001' };
    const note = (summary: string) =>
      rm.post(`/v1/${customer}/interactions`, { kind: 'call', direction: 'outbound', summary }, key);
    const first = await note('客户来电询问理财');
    expect(first.status, first.text).toBe(200);
    expect((await note('客户来电询问理财')).text).toBe(first.text);
    refused(await note('另一件事'), [409, 422]);
    for (const value of ['short', 'x'.repeat(65), 'with blanks in it'])
      refused(
        await rm.post(`/v1/${customer}/interactions`, { kind: 'call' }, { 'idempotency-key': value }),
        400,
        'Idempotency-Key',
      );
  });

  it('that names a kind of contact, a reason or an enum that nobody knows is refused by name', async () => {
    refused(
      await rm.post(`/v1/${customer}/interactions`, { kind: 'telepathy', direction: 'outbound', summary: 'x' }),
      400,
      /kind/,
    );
    refused(
      await rm.post(`/v1/${customer}:reveal`, { fields: ['identifiers/x'], reasonCode: 'CURIOSITY' }),
      400,
      /reason_?code/i,
    );
    refused(await teller.post('/v1/customers:startService', { kind: 'PRESENTED_KIND_FACE', value: '1' }), 400, 'kind');
  });

  it('that starts a service with an ID number of a wrong check digit is refused by name', async () => {
    // 11010519491231002X is the example of GB 11643 itself; with 1 for X it is nobody's.
    const body = { kind: 'PRESENTED_KIND_ID_NUMBER', value: '110105194912310021', channel: 'counter' };
    refused(await teller.post('/v1/customers:startService', body), 400, 'value');
  });

  it.each(['\u0001a@b.cc', 'a@b\u007f.cc', 'a@b.c\u0085c'])(
    'writes no e-mail address with a control character',
    async (value) => {
      const { etag } = await getCustomer(rm, customer);
      const body = { values: [{ field: 'email', value }] };
      refused(await rm.post(`/v1/${customer}:supplement`, body, { 'if-match': `"${etag}"` }), 400, 'email');
    },
  );

  it('writes no text that holds an ID, account or phone number', async () => {
    for (const summary of ['证件 11010519491231002X', '电话 13800138000', '卡号 6222021234567890123'])
      refused(await rm.post(`/v1/${customer}/interactions`, { kind: 'call', direction: 'outbound', summary }), 400, /summary/);
  });
});
