import { Agent, request as httpRequest } from 'node:http';
import { eventually, freePort } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Backend, startBackend } from './support/backend.ts';
import { problem } from './support/gateway.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';
import { startProcess } from './support/process.ts';

const path = '/v1/customers/0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40';
let issuer: Issuer;
let backend: Backend;

beforeAll(async () => {
  issuer = await startIssuer();
  backend = await startBackend(issuer, 0);
});
afterAll(async () => {
  await backend.stop();
  await issuer.stop();
});

/** A request over a connection that is kept; its status, or the code of the error. */
const send = (url: string, agent: Agent, target = path, method = 'GET'): Promise<number | string> =>
  new Promise((resolve) => {
    httpRequest(`${url}${target}`, { agent, method, headers: { authorization: `Bearer ${issuer.token()}` } }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'broken reply'));
    })
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'broken request'))
      .end();
  });

const ports = async () => ({ httpPort: await freePort(), healthPort: await freePort() });
const stateOf = async (health: string): Promise<number> => (await fetch(`${health}/readyz`)).status;

describe('SIGTERM', () => {
  it('under load loses no accepted request, and takes readiness down first', async () => {
    const atWork = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    // The work of every request takes a while, and that of one until long after the signal.
    backend.answers.getCustomer = async () => new Promise((resolve) => setTimeout(() => resolve({}), 10));
    backend.answers.replayDeadLetters = async () => {
      atWork.resolve();
      await gate.promise;
      return {};
    };
    const settings = { issuer: issuer.issuer, backendAddress: backend.address, ...(await ports()) };
    const gateway = startProcess({ ...settings, env: { DRAIN_WAIT_MS: '5000' } });
    await eventually(async () => expect(await stateOf(gateway.health)).toBe(200), { timeoutMs: 30_000 });

    const agent = new Agent({ keepAlive: true });
    const results: (number | string)[] = [];
    let balancerSends = true;
    const worker = async (): Promise<void> => {
      while (balancerSends) results.push(await send(gateway.url, agent));
    };
    const workers = Array.from({ length: 16 }, worker);
    const slow = send(gateway.url, agent, '/v1/deadLetters:replay', 'POST');
    await atWork.promise;
    await eventually(() => expect(results.length).toBeGreaterThan(100));

    gateway.signal('SIGTERM');
    await eventually(async () => expect(await stateOf(gateway.health)).toBe(503));
    // Not ready, and still answering: a load balancer takes a while to notice.
    const whenNotReady = results.length;
    await eventually(() => expect(results.length).toBeGreaterThan(whenNotReady + 32));
    balancerSends = false;
    await Promise.all(workers);
    await eventually(async () => expect(await send(gateway.url, new Agent())).toBe('ECONNREFUSED'));
    gate.resolve();
    expect(await slow).toBe(200);
    expect(await gateway.exited()).toBe(0);
    expect(new Set(results)).toEqual(new Set([200]));
    agent.destroy();
  });

  it('closes idle connections instead of waiting for them', async () => {
    backend.answers.getCustomer = async () => ({});
    const settings = { issuer: issuer.issuer, backendAddress: backend.address, ...(await ports()) };
    const gateway = startProcess({ ...settings, env: { DRAIN_WAIT_MS: '0' } });
    await eventually(async () => expect(await stateOf(gateway.health)).toBe(200), { timeoutMs: 30_000 });
    const agent = new Agent({ keepAlive: true });
    expect(await send(gateway.url, agent)).toBe(200);
    const signalled = performance.now();
    gateway.signal('SIGTERM');
    expect(await gateway.exited()).toBe(0);
    expect(performance.now() - signalled).toBeLessThan(5_000);
    agent.destroy();
  });
});

describe('the start', () => {
  it('fails with every missing or wrong variable named', async () => {
    const settings = { issuer: 'none', backendAddress: 'nowhere', httpPort: 0, healthPort: await freePort() };
    const gateway = startProcess({ ...settings, env: { LOG_LEVEL: 'loud' } });
    expect(await gateway.exited()).not.toBe(0);
    for (const name of ['HTTP_PORT', 'OIDC_ISSUER', 'CUSTOMER_ADDRESS', 'DIRECTORY_ADDRESS', 'LOG_LEVEL'])
      expect(gateway.output()).toContain(name);
  });

  it('on a configuration older than the protos goes well: what has no address yet is answered with 503', async () => {
    backend.answers.getMe = async () => ({ roles: ['rm'] });
    const settings = { issuer: issuer.issuer, backendAddress: backend.address, ...(await ports()) };
    const gateway = startProcess({ ...settings, env: { CUSTOMER_ADDRESS: undefined, DRAIN_WAIT_MS: '0' } });
    await eventually(async () => expect(await stateOf(gateway.health)).toBe(200), { timeoutMs: 30_000 });
    const ask = (target: string, token = issuer.token()) =>
      fetch(`${gateway.url}${target}`, { headers: { authorization: `Bearer ${token}` } });
    // Where others have the processor, a process that has just begun may still turn requests away.
    const unreachable = await eventually(async () => {
      const response = await ask(path);
      expect(await problem(response.clone())).not.toMatchObject({ reason: 'OVERLOADED' });
      return response;
    });
    expect(unreachable.headers.get('retry-after')).toBe('1');
    expect(await problem(unreachable)).toMatchObject({ status: 503, reason: 'SERVICE_UNREACHABLE' });
    expect(await problem(await ask(path, 'x.y.z'))).toMatchObject({ status: 401 });
    expect(await (await ask('/v1/me')).json()).toEqual({ roles: ['rm'] });
    expect(gateway.output().match(/"areas":.*/g)).toEqual([expect.stringContaining('["customer"]')]);
    gateway.signal('SIGTERM');
    expect(await gateway.exited()).toBe(0);
  });
});
