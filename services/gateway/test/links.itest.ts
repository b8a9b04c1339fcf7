import { notFound } from '@bankcrm/kernel';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as policies from '../../../libs/service/src/policy.ts';
import { type Backend, startBackend } from './support/backend.ts';
import { type Gateway, problem, startGateway } from './support/gateway.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';

/** No proto has one yet: here a link opens GetStaff. */
vi.mock(import('../../../libs/service/src/policy.ts'), async (original) => {
  const real = await original();
  const policyOf: typeof policies.policyOf = (method) =>
    method.name === 'GetStaff'
      ? { permission: '', audit: false, highPrivilege: false, serviceOnly: false, linkToken: true }
      : real.policyOf(method);
  return { ...real, policyOf };
});

const path = '/v1/staff/0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40';
let issuer: Issuer;
let backend: Backend;
let gateway: Gateway;

beforeAll(async () => {
  issuer = await startIssuer();
  backend = await startBackend(issuer, 0);
});
afterAll(async () => {
  await backend.stop();
  await issuer.stop();
});
beforeEach(async () => {
  backend.calls.length = 0;
  backend.answers.getStaff = async () => ({ displayName: 'found' });
  gateway = await startGateway(issuer, backend.address, {
    trustedProxies: ['127.0.0.1'],
    linkCallsPerMinute: 10,
    wrongLinksPerHour: 5,
  });
});
afterEach(() => gateway.stop());

const open = (address = '203.0.113.7', headers = {}): Promise<Response> =>
  fetch(`${gateway.url}${path}`, { headers: { 'x-forwarded-for': address, ...headers } });

describe('a link', () => {
  it('opens without sign-in, for nobody known, and opens nothing else', async () => {
    const response = await open();
    expect(await response.json()).toEqual({ displayName: 'found' });
    expect((await open('203.0.113.7', { authorization: 'Bearer x.y.z' })).status).toBe(200);
    expect(backend.calls.map(({ call }) => [call.caller.kind, call.callerAddress])).toEqual([
      ['anonymous', '203.0.113.7'],
      ['anonymous', '203.0.113.7'],
    ]);
    expect(await problem(await fetch(`${gateway.url}/v1/staff`))).toMatchObject({ status: 401, reason: 'MISSING_TOKEN' });
  });

  it('can be opened ten times a minute from one address', async () => {
    for (let count = 0; count < 10; count += 1) expect((await open()).status).toBe(200);
    const refused = await open();
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(await problem(refused)).toMatchObject({ status: 429, reason: 'RATE_LIMITED' });
    expect((await open('203.0.113.8')).status).toBe(200);
  });

  it('can be guessed five times an hour from one address, or from one network of IPv6', async () => {
    for (const [first, last] of [
      ['203.0.113.7', '203.0.113.7'],
      ['2001:db8::1', '2001:db8::2'],
    ] as const) {
      backend.answers.getStaff = async () => {
        throw notFound();
      };
      for (let count = 0; count < 5; count += 1) expect((await open(first)).status).toBe(404);
      backend.answers.getStaff = async () => ({});
      const calls = backend.calls.length;
      const refused = await open(last);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_500);
      expect(await problem(refused)).toMatchObject({ status: 429, reason: 'RATE_LIMITED' });
      expect(backend.calls).toHaveLength(calls);
    }
    expect((await open('203.0.113.8')).status).toBe(200);
  });

  it('that was opened by somebody counts nothing against who signs in there', async () => {
    for (let count = 0; count < 11; count += 1) await open();
    backend.answers.listStaff = async () => ({});
    expect((await gateway.send('/v1/staff', { headers: { 'x-forwarded-for': '203.0.113.7' } })).status).toBe(200);
  });
});
