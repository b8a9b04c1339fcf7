import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, startBackend } from './support/backend.ts';
import { type Gateway, json, problem, startGateway } from './support/gateway.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';

const path = '/v1/customers/0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40';
let issuer: Issuer;
let stranger: Issuer;
let backend: Backend;
let gateway: Gateway;
/** With no service behind it: what it refuses, it refuses by itself. */
let alone: Gateway;

beforeAll(async () => {
  [issuer, stranger] = await Promise.all([startIssuer(), startIssuer()]);
  backend = await startBackend(issuer, 0);
  backend.answers.getCustomer = async () => ({});
  gateway = await startGateway(issuer, backend.address);
  alone = await startGateway(issuer, '127.0.0.1:24009');
});
afterAll(async () => {
  await Promise.all([gateway.stop(), alone.stop()]);
  await backend.stop();
  await Promise.all([issuer.stop(), stranger.stop()]);
});
beforeEach(() => {
  backend.calls.length = 0;
});

const now = (): number => Math.floor(Date.now() / 1000);
const tampered = (token: string): string => {
  const [header, , signature] = token.split('.');
  const claims = {
    iss: issuer.issuer,
    aud: 'bankcrm',
    typ: 'Bearer',
    iat: now(),
    exp: now() + 300,
    preferred_username: '100002',
  };
  return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
};

describe('a token', () => {
  it.each<[string, () => string]>([
    ['that has expired', () => issuer.token('100001', { iat: now() - 600, exp: now() - 1 })],
    ['that never expires', () => issuer.token('100001', { exp: undefined as never })],
    ['that is not yet valid', () => issuer.token('100001', { nbf: now() + 60 })],
    ['for another audience', () => issuer.token('100001', { aud: 'account' })],
    ['from another issuer', () => stranger.token()],
    ['that names another issuer', () => issuer.token('100001', { iss: stranger.issuer })],
    ['that is unsigned', () => issuer.unsignedToken()],
    ['signed with another key', () => issuer.tokenOfAnotherKey()],
    ['that was changed after signing', () => tampered(issuer.token())],
    ['of another type', () => issuer.token('100001', { typ: 'ID' })],
    ['of no member of staff', () => issuer.token('alice')],
    ['that is noise', () => 'x.y.z'],
    ['of 10,000 characters', () => `${issuer.token()}${'x'.repeat(10_000)}`],
  ])('%s is refused before any service hears of it', async (_, token) => {
    const response = await alone.send(path, { headers: { authorization: `Bearer ${token()}` } });
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="bankcrm", error="invalid_token"');
    expect(await problem(response)).toMatchObject({ status: 401 });
  });

  it.each(['', 'Basic MTAwMDAxOng=', 'Bearer', 'Bearer a b'])('that is missing (%s) is asked for', async (authorization) => {
    const response = await alone.send(path, { headers: { authorization } });
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="bankcrm"');
    expect(await problem(response)).toMatchObject({ status: 401, reason: 'MISSING_TOKEN' });
  });

  it('is looked at before the body', async () => {
    const response = await gateway.send('/v1/customers:search', json('{', { authorization: '' }));
    expect(await problem(response)).toMatchObject({ status: 401 });
  });

  it('that is good reaches the service, which judges it for itself', async () => {
    expect((await gateway.send(path)).status).toBe(200);
    expect(backend.calls[0]?.call.caller).toMatchObject({ kind: 'staff', staffNumber: '100001' });
    // The gateway does not know who works here; the service does.
    const unknown = await gateway.send(path, { headers: { authorization: `Bearer ${issuer.token('999999')}` } });
    expect(await problem(unknown)).toMatchObject({ status: 401, reason: 'UNKNOWN_STAFF' });
  });
});

describe('callers who are not let past', () => {
  it('are told to the service that they called: at once, then summed by the minute, each address by itself', async () => {
    const door = await startGateway(issuer, backend.address, { trustedProxies: ['127.0.0.1'] });
    const from = (address: string, authorization: string, target = path) =>
      door.send(target, { headers: { 'x-forwarded-for': address, authorization } });
    const all = () => backend.refusals.filter(({ callerAddress }) => callerAddress.startsWith('203.0.113.'));
    const first = await from('203.0.113.7', 'Bearer x.y.z');
    await eventually(async () => expect(all()).toHaveLength(1));
    expect(all()[0]).toMatchObject({
      actor: '',
      operation: 'bankcrm.customer.v1.Customers/GetCustomer',
      reason: 'INVALID_TOKEN',
      callerAddress: '203.0.113.7',
      traceId: first.headers.get('x-trace-id'),
      count: 1n,
    });
    for (let tries = 0; tries < 6; tries += 1) await from('203.0.113.7', 'Bearer x.y.z');
    await from('203.0.113.8', 'Bearer x.y.z');
    await from('203.0.113.7', '', '/v1/me');
    await door.stop();
    const told = all()
      .slice(1)
      .map(({ operation, reason, callerAddress, count }) => [operation.split('/')[1], reason, callerAddress, count]);
    expect(told).toHaveLength(3);
    expect(told).toContainEqual(['GetCustomer', 'INVALID_TOKEN', '203.0.113.7', 6n]);
    expect(told).toContainEqual(['GetCustomer', 'INVALID_TOKEN', '203.0.113.8', 1n]);
    expect(told).toContainEqual(['GetMe', 'MISSING_TOKEN', '203.0.113.7', 1n]);
    expect(backend.calls).toEqual([]);
  });
});
