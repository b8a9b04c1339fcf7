import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, startBackend } from './support/backend.ts';
import { type Gateway, json, problem, startGateway } from './support/gateway.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';

const id = '0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40';
let issuer: Issuer;
let backend: Backend;
let gateway: Gateway;

beforeAll(async () => {
  issuer = await startIssuer();
  backend = await startBackend(issuer, 0);
  gateway = await startGateway(issuer, backend.address);
});
afterAll(async () => {
  await gateway.stop();
  await backend.stop();
  await issuer.stop();
});
beforeEach(() => {
  backend.calls.length = 0;
});

const search = (body: unknown, headers: Record<string, string> = {}) => gateway.send('/v1/customers:search', json(body, headers));
const interact = (interaction: unknown) => gateway.send(`/v1/customers/${id}/interactions`, json(interaction));

const deep = (levels: number): string => `${'{"query":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe('a body', () => {
  it.each([
    ['malformed', '{"query": ', 'INVALID_JSON', ['body']],
    ['with a trailing comma', '{"query":"a",}', 'INVALID_JSON', ['body']],
    ['that is no object', '[1]', 'INVALID_FIELD', ['body']],
    ['of another type', '{"query":1}', 'INVALID_FIELD', ['query']],
    ['with an unknown field', '{"query":"张伟","sort":"asc"}', 'INVALID_FIELD', ['sort']],
    ['with __proto__', '{"__proto__":{"query":"a"}}', 'INVALID_FIELD', ['__proto__']],
    ['with constructor', '{"constructor":{"prototype":{"query":"a"}}}', 'INVALID_FIELD', ['constructor']],
    ['with a key twice', '{"query":"a","query":"b"}', 'INVALID_JSON', ['query']],
    ['with a key twice, once escaped', '{"query":"a","quer\\u0079":"b"}', 'INVALID_JSON', ['query']],
    ['with a field under both of its names', '{"page_size":1,"pageSize":2}', 'INVALID_FIELD', ['pageSize']],
    ['with a number beyond int32', '{"pageSize":99999999999}', 'INVALID_FIELD', ['pageSize']],
    ['with a fraction for a whole number', '{"pageSize":1.5}', 'INVALID_FIELD', ['pageSize']],
    ['with a number beyond 2^53', '{"pageSize":9007199254740993}', 'INVALID_FIELD', ['pageSize']],
    ['with a number beyond int64', '{"pageSize":9223372036854775808}', 'INVALID_FIELD', ['pageSize']],
    ['with a text beyond int64', '{"pageSize":"9223372036854775808"}', 'INVALID_FIELD', ['pageSize']],
    ['with a number beyond all', '{"pageSize":1e999}', 'INVALID_FIELD', ['pageSize']],
    ['with U+0000', '{"query":"a\\u0000"}', 'INVALID_FIELD', ['query']],
    ['with half a surrogate pair', '{"query":"\\ud800"}', 'INVALID_FIELD', ['query']],
    ['with two wrong fields', '{"query":1,"pageSize":"x"}', 'INVALID_FIELD', ['query', 'pageSize']],
    ['nested 33 deep', deep(33), 'BODY_TOO_DEEP', [`query${'.query'.repeat(31)}`]],
    ['nested half a million deep', '['.repeat(500_000), 'INVALID_JSON', ['body']],
    [
      'nested a hundred thousand deep, well-formed',
      '['.repeat(100_000) + ']'.repeat(100_000),
      'BODY_TOO_DEEP',
      ['[0]'.repeat(33)],
    ],
  ])('%s is refused with its field', async (_, body, reason, fields) => {
    expect(await problem(await search(body))).toEqual({ status: 400, reason, fields });
    expect(backend.calls).toEqual([]);
  });

  it('that is not UTF-8 is refused', async () => {
    const body = Buffer.concat([Buffer.from('{"query":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    expect(await problem(await search(body))).toEqual({ status: 400, reason: 'INVALID_JSON', fields: ['body'] });
  });

  it('of 10 MB is refused', async () => {
    const response = await search(`{"query":"${'x'.repeat(10 * 1024 * 1024)}"}`);
    expect(await problem(response)).toEqual({ status: 413, reason: 'BODY_TOO_LARGE', fields: ['body'] });
  });

  it('of 10 MB whose length nobody said is refused', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(64 * 1024));
    let chunks = 0;
    const body = new ReadableStream({
      pull(controller) {
        chunks += 1;
        if (chunks > 160) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/json' } } as RequestInit & {
      headers: Record<string, string>;
    };
    const response = await gateway.send('/v1/customers:search', init).catch(() => undefined);
    // The gateway may cut the connection while the body is still being sent.
    if (response) expect(await problem(response)).toEqual({ status: 413, reason: 'BODY_TOO_LARGE', fields: ['body'] });
    expect(backend.calls).toEqual([]);
    expect(gateway.lines.at(-1)).toMatchObject({ outcome: expect.stringMatching(/BODY_TOO_LARGE|CALLER_GONE/) });
  });

  it.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['application/json; charset=gbk', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('of type %s %j is refused', async (type, headers) => {
    const response = await search('{"query":"a"}', { 'content-type': type, ...headers });
    expect(await problem(response)).toMatchObject({ status: 415, reason: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it('is refused where the operation takes none', async () => {
    const response = await gateway.send(`/v1/customers/${id}/participants/${id}`, json({ name: 'x' }, {}, 'DELETE'));
    expect(await problem(response)).toEqual({ status: 400, reason: 'BODY_NOT_ALLOWED', fields: ['body'] });
  });

  it('may not contradict the path', async () => {
    const response = await gateway.send(`/v1/customers/${id}:reveal`, json({ name: 'customers/another' }));
    expect(await problem(response)).toEqual({ status: 400, reason: 'INVALID_FIELD', fields: ['name'] });
  });
});

describe('a value', () => {
  it.each([
    ['30 February', { occurTime: '2026-02-30T00:00:00Z' }, ['occurTime']],
    ['month 13', { occurTime: '2026-13-01T00:00:00Z' }, ['occurTime']],
    ['hour 24', { occurTime: '2026-01-01T24:00:00Z' }, ['occurTime']],
    ['a date without a time', { occurTime: '2026-01-01' }, ['occurTime']],
    ['a wrong type in a field of a field', { nextStep: { done: 'yes' } }, ['nextStep.done']],
    ['an unknown field in a field', { nextStep: { done: true, x: 1 } }, ['nextStep.x']],
    ['a list for an object', { nextStep: [] }, ['nextStep']],
  ])('that is impossible is refused with its path: %s', async (_, interaction, fields) => {
    expect(await problem(await interact(interaction))).toEqual({ status: 400, reason: 'INVALID_FIELD', fields });
  });

  it.each(['PRESENTED_KIND_NONE', 99, 1.5, true])('that no enum has is refused: %s', async (kind) => {
    const response = await gateway.send('/v1/customers:startService', json({ kind, value: 'x' }));
    expect(await problem(response)).toEqual({ status: 400, reason: 'INVALID_FIELD', fields: ['kind'] });
  });

  it('in a list is refused with its place', async () => {
    const response = await gateway.send(`/v1/customers/${id}:reveal`, json({ fields: ['a', 1, 'b', null] }));
    expect(await problem(response)).toEqual({ status: 400, reason: 'INVALID_FIELD', fields: ['fields[1]', 'fields[3]'] });
  });

  it('is never shown in the answer or the log', async () => {
    const response = await search({ pageSize: '13800138000x', query: '13800138000' });
    expect(await response.text()).not.toContain('13800138000');
    expect(JSON.stringify(gateway.lines)).not.toContain('13800138000');
  });
});

describe('a query', () => {
  it.each([
    ['page_size=abc', 'INVALID_QUERY', ['page_size']],
    ['page_size=1.5', 'INVALID_QUERY', ['page_size']],
    ['pageSize=', 'INVALID_QUERY', ['pageSize']],
    ['page_size=99999999999', 'INVALID_FIELD', ['pageSize']],
    ['page_size=1&page_size=2', 'INVALID_QUERY', ['page_size']],
    ['page_size=1&pageSize=2', 'INVALID_QUERY', ['pageSize']],
    ['sort=asc', 'INVALID_QUERY', ['sort']],
    ['__proto__=1', 'INVALID_QUERY', ['__proto__']],
    ['filter.x=1', 'INVALID_QUERY', ['filter.x']],
    ['filter=%ff', 'INVALID_QUERY', ['query']],
    ['filter=%', 'INVALID_QUERY', ['query']],
    ['filter=a%00', 'INVALID_QUERY', ['query']],
    [`${'filter=a&'.repeat(51)}`, 'INVALID_QUERY', ['query']],
  ])('%s is refused', async (query, reason, fields) => {
    expect(await problem(await gateway.send(`/v1/customers?${query}`))).toEqual({ status: 400, reason, fields });
  });

  it('is refused where the body says everything', async () => {
    const response = await gateway.send('/v1/customers:search?query=x', json({ query: 'x' }));
    expect(await problem(response)).toEqual({ status: 400, reason: 'INVALID_QUERY', fields: ['query'] });
  });

  it('with a filter of 10,000 terms is refused', async () => {
    const filter = encodeURIComponent(Array.from({ length: 10_000 }, () => 'kind = "a"').join(' AND '));
    const response = await gateway.send(`/v1/customers?filter=${filter}`);
    expect(await problem(response)).toEqual({ status: 431, reason: 'REQUEST_HEAD_TOO_LARGE', fields: ['address and headers'] });
  });
});

describe('a path', () => {
  it.each([
    [`/v1/customers/${id}%2Ftransactions`, 400],
    ['/v1/customers/..%2f..%2fadmin', 400],
    ['/v1/customers/%00', 400],
    ['/v1/customers/%E5%BC%A0', 400],
    ['/v1/customers/a b', 400],
    [`/v1/customers/${'x'.repeat(129)}`, 400],
    ['/v1/customers/%ZZ', 400],
    ['/v1/customers/', 400],
    [`/v1/customers/${id}/`, 404],
    [`/v1/customers/${id}:nothing`, 404],
    [`/v1/customers/${id}%3Anothing`, 404],
    [`/v1/customers/${id}:`, 404],
    [`/v1/customers/${id}:view360:view360`, 404],
    ['/v1/customers:nothing', 404],
    ['/V1/customers', 404],
    ['/v1//customers', 404],
    ['/nothing', 404],
  ])('%s is answered with %d', async (path, status) => {
    expect((await problem(await gateway.send(path))).status).toBe(status);
    expect(backend.calls).toEqual([]);
  });

  it('answers another method with 405 and those it takes', async () => {
    const response = await gateway.send('/v1/customers', { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('GET');
    expect(await problem(response)).toMatchObject({ status: 405, reason: 'METHOD_NOT_ALLOWED' });
  });
});

describe('a method that an address does not take', () => {
  it.each([
    ['PATCH', `/v1/staff/${id}:setPosts`, 'POST'],
    ['PATCH', `/v1/staff/${id}%3AsetPosts`, 'POST'],
    ['GET', `/v1/staff/${id}:suspend`, 'POST'],
    ['PATCH', `/v1/orgUnits/${id}:move`, 'POST'],
    ['POST', `/v1/customers/${id}:view360`, 'GET'],
    ['POST', `/v1/staff/${id}`, 'GET, PATCH'],
    ['PUT', '/v1/me?x=1', 'GET'],
    ['DELETE', '/v1/customers:search', 'POST'],
    ['HEAD', '/v1/me', 'GET'],
    ['POST', '/openapi.json', 'GET'],
  ])('%s %s is answered with 405 and those it takes', async (method, path, allow) => {
    const response = await gateway.send(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    if (method !== 'HEAD') expect(await problem(response)).toMatchObject({ reason: 'METHOD_NOT_ALLOWED' });
    expect(backend.calls).toEqual([]);
  });
});

describe('what is no HTTP', () => {
  const raw = async (bytes: string): Promise<string> => {
    const socket = connect(gateway.port, '127.0.0.1');
    socket.end(bytes);
    return text(socket);
  };

  it.each([
    ['noise', 'hello\r\n\r\n'],
    ['a length that is none', 'POST /v1/customers:search HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n'],
    [
      'both a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a method that is none', 'FETCH /v1/me HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n'],
    ['no host', 'GET /v1/me HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /v1/me HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
    ['a host that is none', 'GET /v1/me HTTP/1.1\r\nHost: x/y@z\r\n\r\n'],
    ['two tokens', 'GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\n\r\n'],
    [
      'two types',
      'POST /v1/customers:search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}',
    ],
  ])('is answered with a problem document: %s', async (_, bytes) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*\r\ncontent-type: application\/problem\+json/i);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ status: 400, reason: 'MALFORMED_REQUEST' });
    expect(backend.calls).toEqual([]);
  });

  it('is answered with 417 where it expects what nobody does', async () => {
    const answer = await raw('GET /v1/me HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 417 [\s\S]*\r\ncontent-type: application\/problem\+json/i);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ status: 417, reason: 'EXPECTATION_FAILED' });
  });

  it('of an older version needs no host', async () => {
    const answer = await raw('GET /v1/me HTTP/1.0\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });
});
