import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Customer } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Backend, startBackend } from './support/backend.ts';
import { problem, startGateway } from './support/gateway.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';

const path = '/v1/customers/0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40';
let issuer: Issuer;
let backend: Backend;

beforeAll(async () => {
  issuer = await startIssuer();
  backend = await startBackend(issuer, 0);
  backend.answers.getCustomer = async () => ({ fullName: '张伟' });
});
afterAll(async () => {
  await backend.stop();
  await issuer.stop();
});

/** Runs a test with a gateway of its own settings. */
async function withGateway(
  settings: Parameters<typeof startGateway>[2],
  test: (gateway: Awaited<ReturnType<typeof startGateway>>) => Promise<void>,
): Promise<void> {
  const gateway = await startGateway(issuer, backend.address, settings);
  try {
    await test(gateway);
  } finally {
    await gateway.stop();
  }
}

describe('a rate limit', () => {
  const as = (staffNumber: string) => ({ headers: { authorization: `Bearer ${issuer.token(staffNumber)}` } });

  it('holds for each caller by itself', async () => {
    await withGateway({ rateLimitPerMinute: 3 }, async (gateway) => {
      for (let count = 0; count < 3; count += 1) expect((await gateway.send(path, as('100001'))).status).toBe(200);
      const refused = await gateway.send(path, as('100001'));
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await problem(refused)).toMatchObject({ status: 429, reason: 'RATE_LIMITED' });
      expect((await gateway.send(path, as('100002'))).status).toBe(200);
    });
  });

  it('holds for an address without a valid token, and leaves those with one alone', async () => {
    await withGateway({ rateLimitPerMinute: 3 }, async (gateway) => {
      const guess = () => gateway.send(path, { headers: { authorization: 'Bearer x.y.z' } });
      for (let count = 0; count < 3; count += 1) expect((await guess()).status).toBe(401);
      expect(await problem(await guess())).toMatchObject({ status: 429, reason: 'RATE_LIMITED' });
      expect((await gateway.send(path)).status).toBe(200);
    });
  });

  it('believes a forwarded address only from a trusted proxy', async () => {
    const addresses = async (trustedProxies: string[]): Promise<unknown> => {
      backend.calls.length = 0;
      await withGateway({ trustedProxies }, async (gateway) => {
        await gateway.send(path, { headers: { 'x-forwarded-for': '203.0.113.7' } });
      });
      return backend.calls[0]?.call.callerAddress;
    };
    expect(await addresses([])).toBe('127.0.0.1');
    expect(await addresses(['127.0.0.1'])).toBe('203.0.113.7');
  });
});

describe('too much at once', () => {
  it('is turned away with 503 while what runs goes on', async () => {
    await withGateway({ maxConcurrentRequests: 2 }, async (gateway) => {
      const gate = Promise.withResolvers<void>();
      let running = 0;
      const both = Promise.withResolvers<void>();
      backend.answers.listCustomers = async () => {
        running += 1;
        if (running === 2) both.resolve();
        await gate.promise;
        return {};
      };
      const slow = [gateway.send('/v1/customers'), gateway.send('/v1/customers')];
      await both.promise;
      const refused = await gateway.send(path);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await problem(refused)).toMatchObject({ status: 503, reason: 'OVERLOADED' });
      gate.resolve();
      expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200]);
      expect((await gateway.send(path)).status).toBe(200);
    });
  });
});

describe('a process that cannot keep up', () => {
  it('turns requests away with 503 until it can again', async () => {
    await withGateway({ maxEventLoopDelayMs: 20 }, async (gateway) => {
      const whenBusy = async (): Promise<Response> => {
        const end = performance.now() + 100;
        while (performance.now() < end);
        return gateway.send(path);
      };
      const refused = await eventually(async () => {
        const response = await whenBusy();
        expect(response.status).not.toBe(200);
        return response;
      });
      expect(await problem(refused)).toMatchObject({ status: 503, reason: 'OVERLOADED' });
      await eventually(async () => expect((await gateway.send(path)).status).toBe(200));
    });
  });
});

describe('a page of another origin', () => {
  const preflight = (gateway: { url: string }, origin: string) =>
    fetch(`${gateway.url}${path}`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } });

  it('may not call unless it is named', async () => {
    await withGateway({}, async (gateway) => {
      const response = await preflight(gateway, 'https://portal.example.com');
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    });
    await withGateway({ corsOrigins: ['https://portal.example.com'] }, async (gateway) => {
      const named = await preflight(gateway, 'https://portal.example.com');
      expect(named.headers.get('access-control-allow-origin')).toBe('https://portal.example.com');
      const other = await preflight(gateway, 'https://evil.example.com');
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
      const call = await gateway.send(path, { headers: { origin: 'https://portal.example.com' } });
      expect(call.headers.get('access-control-expose-headers')).toContain('etag');
    });
  });
});

describe('a reply', () => {
  it('is kept by nobody and runs nothing', async () => {
    await withGateway({}, async (gateway) => {
      const { headers } = await gateway.send(path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toBe(`default-src 'none';frame-ancestors 'none'`);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('strict-transport-security')).toContain('max-age=');
      expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull();
    });
  });

  it.each(['gzip', 'br'])('of 1 KiB or more is compressed with %s for those who ask', async (encoding) => {
    const flags = Array.from({ length: 300 }, (_, index) => `FLAG_${index}`);
    backend.answers.viewCustomer360 = async () => ({ customer: Customer.fromPartial({ flags }) });
    await withGateway({}, async (gateway) => {
      const large = await gateway.send(`${path}:view360`, { headers: { 'accept-encoding': encoding } });
      expect(large.headers.get('content-encoding')).toBe(encoding);
      expect(await large.json()).toEqual({ customer: { flags } });
      const small = await gateway.send(path, { headers: { 'accept-encoding': encoding } });
      expect(small.headers.get('content-encoding')).toBeNull();
      const plain = await gateway.send(`${path}:view360`, { headers: { 'accept-encoding': 'identity' } });
      expect(plain.headers.get('content-encoding')).toBeNull();
    });
  });

  it('is logged with operation, caller, outcome and trace, without ids or what was typed', async () => {
    await withGateway({}, async (gateway) => {
      backend.answers.listCustomers = async () => ({});
      const response = await gateway.send('/v1/customers?filter=rm%20%3D%20%22me%22');
      await gateway.send(path);
      const line = gateway.lines.find(({ msg, operation }) => msg === 'request' && String(operation).endsWith('ListCustomers'));
      expect(line).toMatchObject({
        operation: 'bankcrm.customer.v1.Customers/ListCustomers',
        caller: 'staff-number/100001',
        status: 200,
        outcome: 'OK',
        duration_ms: expect.any(Number),
      });
      expect(response.headers.get('x-trace-id')).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
      const all = JSON.stringify(gateway.lines);
      expect(all).not.toContain('rm =');
      expect(all).not.toContain('0192f0c1');
      expect(all).not.toContain('张伟');
      expect(all).not.toContain('eyJ');
    });
  });
});

describe('a connection', () => {
  it('asks its caller to come back on another one while the gateway is stopping', async () => {
    let stopping = false;
    await withGateway({ draining: () => stopping }, async (gateway) => {
      expect((await gateway.send(path)).headers.get('connection')).toBe('keep-alive');
      stopping = true;
      expect((await gateway.send(path)).headers.get('connection')).toBe('close');
    });
  });

  it('with a head beyond the limit is answered and closed', async () => {
    await withGateway({}, async (gateway) => {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(64 * 1024)}\r\n\r\n`);
      const answer = await text(socket);
      expect(answer).toMatch(/^HTTP\/1\.1 431 /);
      expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ reason: 'REQUEST_HEAD_TOO_LARGE', status: 431 });
    });
  });

  it.each([
    ['head', `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Slow: `],
    [
      'body',
      'POST /v1/customers:search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\nAuthorization: ',
    ],
  ])('over which a %s comes too slowly is answered and closed', async (part, bytes) => {
    await withGateway({ headLimitMs: 250, requestLimitMs: 500 }, async (gateway) => {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.write(part === 'body' ? `${bytes}Bearer ${issuer.token()}\r\n\r\n{` : bytes);
      const answer = await text(socket);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ reason: 'REQUEST_TOO_SLOW', status: 408 });
    });
  });
});
