import { AppError, invalid, notFound, refused, staleEtag } from '@bankcrm/kernel';
import { Customer } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
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
  for (const name of Object.keys(backend.answers)) delete backend.answers[name];
});

describe('a request', () => {
  it('reaches the operation its path names, with the path in the request', async () => {
    backend.answers.getCustomer = async () => ({ name: `customers/${id}`, fullName: '张伟', etag: '7' });
    const response = await gateway.send(`/v1/customers/${id}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ name: `customers/${id}`, fullName: '张伟', etag: '7' });
    expect(response.headers.get('etag')).toBe('"7"');
    expect(backend.calls.map(({ operation, request }) => [operation, request.name])).toEqual([
      ['bankcrm.customer.v1.Customers/GetCustomer', `customers/${id}`],
    ]);
  });

  it('tells a verb from an id', async () => {
    backend.answers.viewCustomer360 = async () => ({ customer: Customer.fromPartial({ name: `customers/${id}` }) });
    backend.answers.countCustomers = async () => ({ count: 9_007_199_254_740_993n });
    expect((await gateway.send(`/v1/customers/${id}:view360`)).status).toBe(200);
    expect((await gateway.send(`/v1/customers/${id}%3Aview360`)).status).toBe(200);
    const count = await gateway.send('/v1/customers:count');
    expect(await count.json()).toEqual({ count: '9007199254740993' });
    expect(backend.calls.map(({ operation }) => operation.split('/')[1])).toEqual([
      'ViewCustomer360',
      'ViewCustomer360',
      'CountCustomers',
    ]);
  });

  it('is given up at the service when its caller leaves', async () => {
    const left = Promise.withResolvers<number>();
    backend.answers.getCustomer = async (_request, { signal, deadline }) => {
      signal.addEventListener('abort', () => left.resolve(deadline.getTime() - Date.now()));
      leaving.abort();
      await left.promise;
      return {};
    };
    const leaving = new AbortController();
    await expect(gateway.send(`/v1/customers/${id}`, { signal: leaving.signal })).rejects.toThrow();
    // Not because its time is up.
    expect(await left.promise).toBeGreaterThan(1_000);
  });

  it('takes parameters by both of their names', async () => {
    backend.answers.listCustomers = async () => ({});
    await gateway.send('/v1/customers?page_size=20&orderBy=full_name&filter=rm%20%3D%20%22me%22');
    expect(backend.calls[0]?.request).toMatchObject({ pageSize: 20, orderBy: 'full_name', filter: 'rm = "me"' });
  });

  it('carries its body to the field that the annotation names', async () => {
    backend.answers.createInteraction = async ({ interaction }: never) => interaction;
    const response = await gateway.send(
      `/v1/customers/${id}/interactions`,
      json({ kind: 'call', occurTime: '2026-01-31T08:00:00Z' }, { 'idempotency-key': 'key-0001' }),
    );
    expect(response.status).toBe(200);
    expect(backend.calls[0]?.request).toMatchObject({
      parent: `customers/${id}`,
      requestId: 'key-0001',
      interaction: { kind: 'call', occurTime: new Date('2026-01-31T08:00:00Z') },
    });
  });

  it('carries the address of its sender to the service, and a trace that no caller can choose', async () => {
    backend.answers.getCustomer = async () => ({});
    const theirs = '0af7651916cd43dd8448eb211c80319c';
    const response = await gateway.send(`/v1/customers/${id}`, { headers: { traceparent: `00-${theirs}-b7ad6b7169203331-01` } });
    const ours = response.headers.get('x-trace-id');
    expect(ours).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
    expect(ours).not.toBe(theirs);
    expect(response.headers.get('traceresponse')).toMatch(new RegExp(`^00-${ours}-[0-9a-f]{16}-0[01]$`));
    expect(backend.calls[0]?.call).toMatchObject({ traceId: ours, callerAddress: '127.0.0.1' });
  });
});

describe('a version', () => {
  const restrict = (headers: Record<string, string>, body: object = { reason: 'staff' }) =>
    gateway.send(`/v1/customers/${id}:restrict`, json(body, headers));

  it('must be named by what changes state', async () => {
    expect(await problem(await restrict({}))).toEqual({
      status: 428,
      reason: 'PRECONDITION_REQUIRED',
      fields: ['If-Match'],
    });
    expect(backend.calls).toEqual([]);
  });

  it('reaches the service from If-Match or from the body', async () => {
    backend.answers.restrictCustomer = async () => ({});
    expect((await restrict({ 'if-match': '"7"' })).status).toBe(200);
    expect((await restrict({}, { reason: 'staff', etag: '8' })).status).toBe(200);
    expect(backend.calls.map(({ request }) => request.etag)).toEqual(['7', '8']);
  });

  it('may be named, and need not be, by what must not wait for somebody to read first', async () => {
    backend.answers.suspendStaff = async () => ({});
    const suspend = (headers: Record<string, string>) =>
      gateway.send(`/v1/staff/${id}:suspend`, json({ reason: 'left' }, headers));
    expect((await suspend({})).status).toBe(200);
    expect((await suspend({ 'if-match': '"7"' })).status).toBe(200);
    // RFC 9110 §13.1.1: any state there is will do.
    expect((await suspend({ 'if-match': '*' })).status).toBe(200);
    expect(backend.calls.map(({ request }) => request.etag)).toEqual(['', '7', '']);
  });

  it('goes into the resource where the resource is updated', async () => {
    backend.answers.updateOrgUnit = async () => ({});
    const update = (headers: Record<string, string>) =>
      gateway.send(`/v1/orgUnits/${id}`, json({ displayName: '朝阳支行' }, headers, 'PATCH'));
    expect(await problem(await update({}))).toMatchObject({ status: 428 });
    expect((await update({ 'if-match': '"3"' })).status).toBe(200);
    expect(backend.calls[0]?.request).toMatchObject({
      orgUnit: { name: `orgUnits/${id}`, displayName: '朝阳支行', etag: '3' },
    });
  });

  it('of an update comes with the fields that were given, empty ones too, and no others', async () => {
    backend.answers.updateStaff = async () => ({});
    const update = (body: object) => gateway.send(`/v1/staff/${id}`, json(body, { 'if-match': '"3"' }, 'PATCH'));
    for (const body of [{ email: 'new@bank.example' }, { displayName: '' }, { displayName: null }, {}])
      expect((await update(body)).status).toBe(200);
    const received = backend.calls.map(({ request }) => request.staffMember as { displayName?: string; email?: string });
    expect(received.map(({ displayName, email }) => ({ displayName, email }))).toEqual([
      { displayName: undefined, email: 'new@bank.example' },
      { displayName: '', email: undefined },
      { displayName: undefined, email: undefined },
      { displayName: undefined, email: undefined },
    ]);
  });

  it('that is not the current one is answered with 412', async () => {
    backend.answers.restrictCustomer = async () => {
      throw staleEtag();
    };
    expect(await problem(await restrict({ 'if-match': '"6"' }))).toMatchObject({ status: 412, reason: 'ETAG_MISMATCH' });
  });

  it.each(['"7"', 'W/"7"', ' "7" ', '"7", W/"7"'])(
    'is named by the opaque part of a tag, weak or strong: %s',
    async (ifMatch) => {
      backend.answers.restrictCustomer = async () => ({});
      expect((await restrict({ 'if-match': ifMatch })).status).toBe(200);
      expect(backend.calls[0]?.request.etag).toBe('7');
    },
  );

  it.each(['7', '*', 'w/"7"', 'W/7', '"7', '"7", "8"', '"7",', '""', 'W/""', '*, "7"'])(
    'cannot be said as %s',
    async (ifMatch) => {
      expect(await problem(await restrict({ 'if-match': ifMatch }))).toEqual({
        status: 400,
        reason: 'INVALID_IF_MATCH',
        fields: ['If-Match'],
      });
    },
  );

  it('may not differ between header and body', async () => {
    const response = await restrict({ 'if-match': '"7"' }, { reason: 'staff', etag: '8' });
    expect(await problem(response)).toMatchObject({ status: 400, reason: 'INVALID_IF_MATCH' });
  });
});

describe('an idempotency key', () => {
  const create = (headers: Record<string, string>, requestId?: string) =>
    gateway.send('/v1/orgUnits', json({ code: 'BJ', ...(requestId ? { requestId } : {}) }, headers));

  it.each(['short', 'x'.repeat(65), 'with blank'])('cannot be %s', async (key) => {
    expect(await problem(await create({ 'idempotency-key': key }))).toEqual({
      status: 400,
      reason: 'INVALID_IDEMPOTENCY_KEY',
      fields: ['Idempotency-Key'],
    });
  });

  it('may not differ between header and body', async () => {
    const body = { kind: 'PRESENTED_KIND_PHONE', requestId: 'key-0001' };
    const response = await gateway.send('/v1/customers:startService', json(body, { 'idempotency-key': 'key-0002' }));
    expect(await problem(response)).toMatchObject({ status: 400, reason: 'INVALID_IDEMPOTENCY_KEY' });
  });

  it('is refused where nothing would remember it', async () => {
    const change = { reason: 'staff', etag: '7' };
    for (const [path, body] of [
      [`/v1/customers/${id}:restrict`, change],
      [`/v1/customers/${id}:reveal`, { fields: ['x'] }],
    ] as const)
      expect(await problem(await gateway.send(path, json(body, { 'idempotency-key': 'key-0001' })))).toEqual({
        status: 400,
        reason: 'IDEMPOTENCY_KEY_NOT_TAKEN',
        fields: ['Idempotency-Key'],
      });
    expect(backend.calls).toEqual([]);
    backend.answers.getCustomer = async () => ({});
    const read = await gateway.send(`/v1/customers/${id}`, { headers: { 'idempotency-key': 'key-0001' } });
    expect(read.status).toBe(200);
  });

  it('reused with another body is answered with 422', async () => {
    backend.answers.createOrgUnit = async () => {
      throw refused('IDEMPOTENCY_KEY_REUSED');
    };
    expect(await problem(await create({ 'idempotency-key': 'key-0001' }))).toMatchObject({
      status: 422,
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
  });
});

describe('an error', () => {
  const get = (headers: Record<string, string> = {}) => gateway.send(`/v1/customers/${id}`, { headers });
  const fail = (error: unknown): void => {
    backend.answers.getCustomer = async () => {
      throw error;
    };
  };

  it.each([
    ['INVALID', 400],
    ['UNAUTHENTICATED', 401],
    ['DENIED', 403],
    ['NOT_FOUND', 404],
    ['ALREADY_EXISTS', 409],
    ['REFUSED', 409],
    ['ABORTED', 412],
    ['EXHAUSTED', 429],
    ['UNAVAILABLE', 503],
    ['DEADLINE', 504],
  ] as const)('of kind %s is answered with %d and its reason', async (kind, status) => {
    fail(new AppError(kind, 'SOME_REASON'));
    expect(await problem(await get())).toMatchObject({ status, reason: 'SOME_REASON' });
  });

  it('says which fields are wrong, as the service said it', async () => {
    fail(invalid('page_size', 'must be between 1 and 200', 'INVALID_PAGE_SIZE'));
    expect(await (await get()).json()).toMatchObject({
      reason: 'INVALID_PAGE_SIZE',
      field: 'page_size',
      fields: [{ field: 'page_size', description: 'must be between 1 and 200' }],
    });
  });

  it('names a field of a body that is one field of the message as the caller wrote it', async () => {
    backend.answers.createInteraction = async () => {
      throw invalid('interaction.next_step.due_date', 'must be a date');
    };
    const response = await gateway.send(`/v1/customers/${id}/interactions`, json({ nextStep: { dueDate: 'soon' } }));
    expect(await problem(response)).toMatchObject({ status: 400, fields: ['next_step.due_date'] });
    backend.answers.updateStaff = async () => {
      throw invalid('staff_member', 'must have display_name, email or both');
    };
    const empty = await gateway.send(`/v1/staff/${id}`, json({}, { 'if-match': '"3"' }, 'PATCH'));
    expect(await problem(empty)).toMatchObject({ status: 400, fields: ['body'] });
  });

  it('that nobody foresaw shows a fixed text and the trace id, and nothing of itself', async () => {
    fail(new Error('duplicate key value (phone)=(13800138000)'));
    const response = await get();
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({ reason: 'INTERNAL', trace_id: response.headers.get('x-trace-id') });
    expect(text).not.toContain('13800138000');
    expect(JSON.stringify(gateway.lines)).not.toContain('13800138000');
  });

  it('of a customer out of scope and of one that does not exist look alike', async () => {
    fail(notFound());
    const bodies = await Promise.all([get(), get()].map(async (response) => (await response).json() as Promise<object>));
    const [first, second] = bodies.map((body) => ({ ...body, trace_id: '' }));
    expect(first).toEqual(second);
    expect(JSON.stringify(first)).not.toContain(id);
  });

  it('speaks the language that the caller asks for', async () => {
    fail(new AppError('DENIED', 'PERMISSION_MISSING', { metadata: { permission: 'customer.customers.get' } }));
    const response = await get({ 'accept-language': 'zh-CN,en;q=0.5' });
    expect(response.headers.get('content-language')).toBe('zh-CN');
    expect(await response.json()).toMatchObject({ title: '没有权限', detail: '此操作需要权限 customer.customers.get。' });
  });

  it('says when to try again where that helps', async () => {
    fail(new AppError('EXHAUSTED', 'OVERLOADED'));
    const response = await get();
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('of an unreachable service is answered with 503', async () => {
    const lonely = await startGateway(issuer, '127.0.0.1:24009');
    const response = await lonely.send(`/v1/customers/${id}`);
    expect(await problem(response)).toMatchObject({ status: 503, reason: 'SERVICE_UNREACHABLE' });
    await lonely.stop();
  });
});
