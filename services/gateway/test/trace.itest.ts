import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { eventually, freePort } from '@bankcrm/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Backend, startBackend } from './support/backend.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';
import { startProcess } from './support/process.ts';

interface Span {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  links?: { traceId: string; spanId: string }[];
}

let issuer: Issuer;
let backend: Backend;
let receiver: Server;
const spans: Span[] = [];
const received: unknown[] = [];

beforeAll(async () => {
  issuer = await startIssuer();
  backend = await startBackend(issuer, 0);
  backend.answers.getCustomer = async () => ({});
  receiver = createServer(async (req, res) => {
    const body = (await json(req)) as { resourceSpans?: { scopeSpans: { spans: Span[] }[] }[] };
    received.push(body);
    for (const { scopeSpans } of body.resourceSpans ?? []) for (const scope of scopeSpans) spans.push(...scope.spans);
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await backend.stop();
  await issuer.stop();
  await new Promise((resolve) => receiver.close(resolve));
});

it('the span of a request begins a trace that links to its caller’s, the call to the service hangs on it, and neither says which customer', async () => {
  const { port } = receiver.address() as AddressInfo;
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, DRAIN_WAIT_MS: '0' };
  const settings = {
    issuer: issuer.issuer,
    backendAddress: backend.address,
    httpPort: await freePort(),
    healthPort: await freePort(),
    env,
  };
  const gateway = startProcess(settings);
  await eventually(async () => expect((await fetch(`${gateway.health}/readyz`)).status).toBe(200), { timeoutMs: 30_000 });
  const response = await fetch(`${gateway.url}/v1/customers/0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40`, {
    signal: AbortSignal.timeout(10_000),
    headers: {
      authorization: `Bearer ${issuer.token()}`,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    },
  });
  expect(response.status).toBe(200);
  gateway.signal('SIGTERM');
  expect(await gateway.exited()).toBe(0);

  const server = spans.find(({ name }) => name === 'GET /v1/{name=customers/*}');
  const client = spans.find(({ name }) => name === 'bankcrm.customer.v1.Customers/GetCustomer');
  expect(server).toMatchObject({ links: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }] });
  expect(server?.parentSpanId ?? '').toBe('');
  expect(server?.traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
  expect(client).toMatchObject({ traceId: server?.traceId, parentSpanId: server?.spanId });
  expect(JSON.stringify(received)).not.toContain('0192f0c1');
  expect(gateway.output()).toContain(`"trace_id":"${server?.traceId}"`);
});
