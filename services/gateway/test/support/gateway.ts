import '@bankcrm/service/telemetry';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { keycloakTokenVerifier } from '@bankcrm/access';
import { systemClock } from '@bankcrm/kernel';
import { openChannel } from '@bankcrm/service';
import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import { buildGateway, type GatewayOptions } from '../../src/app.ts';
import type { Problem } from '../../src/domain/problem.ts';
import type { Issuer } from './issuer.ts';

/** The gateway in this process on a port of its own, talking to a backend. */
export async function startGateway(issuer: Issuer, backendAddress: string, settings: Partial<GatewayOptions> = {}) {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>);
      done();
    },
  });
  const channel = openChannel(backendAddress);
  const app = await buildGateway({
    verifier: keycloakTokenVerifier({ issuer: issuer.issuer, audience: 'bankcrm', clock: systemClock }),
    channels: new Map([
      ['audit', channel],
      ['customer', channel],
      ['directory', channel],
    ]),
    log: pino({ level: 'info', mixin: () => ({ trace_id: trace.getActiveSpan()?.spanContext().traceId }) }, sink),
    issuer: issuer.issuer,
    corsOrigins: [],
    trustedProxies: [],
    rateLimitPerMinute: 100_000,
    linkCallsPerMinute: 100_000,
    wrongLinksPerHour: 100_000,
    maxConcurrentRequests: 512,
    // The tests' own work delays the loop that they share with the gateway.
    maxEventLoopDelayMs: 60_000,
    headLimitMs: 10_000,
    requestLimitMs: 15_000,
    draining: () => false,
    ...settings,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    lines,
    /** Sends a request as staff 100001, unless told otherwise. */
    send: (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
      fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${issuer.token()}`, ...init.headers } }),
    stop: async () => {
      await app.close();
      channel.close();
    },
  };
}

export type Gateway = Awaited<ReturnType<typeof startGateway>>;

/** A request with a JSON body. */
export const json = (body: unknown, headers: Record<string, string> = {}, method = 'POST') => ({
  method,
  body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});

/** What a problem response says: status, reason and fields at fault; the rest is checked to be in order. */
export async function problem(response: Response): Promise<{ status: number; reason: string; fields: string[] }> {
  const text = await response.text();
  if (!/^application\/problem\+json(; charset=utf-8)?$/.test(response.headers.get('content-type') ?? ''))
    throw new Error(`${response.status} is no problem document: ${text.slice(0, 200)}`);
  const document = JSON.parse(text) as Problem;
  const sound =
    document.status === response.status &&
    document.title !== '' &&
    document.detail !== '' &&
    /^[0-9a-f]{32}$/.test(document.trace_id) &&
    !/\bat .*\.(ts|js):\d+/.test(text);
  if (!sound) throw new Error(`the problem document is not in order: ${text}`);
  return { status: document.status, reason: document.reason, fields: (document.fields ?? []).map(({ field }) => field) };
}
