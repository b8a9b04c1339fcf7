import { randomBytes } from 'node:crypto';
import { placeOf } from '@bankcrm/local';
import { CustomerChanged } from '@bankcrm/proto/gen/bankcrm/customer/v1/events.ts';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { customerByNumber } from '../src/api.ts';
import { as, type Person } from '../src/client.ts';
import { customerMessage, managerOfOthers, newCustomer } from '../src/core-bank.ts';
import { contentOf, send, untilApplied } from '../src/kafka.ts';
import { logOf, stack } from '../src/run.ts';
import { manifests, services, servicesWithCalls } from '../src/services.ts';
import { type Span, spansOf } from '../src/spans.ts';
import { newKey, writingOf } from '../src/writing.ts';

const [server, client, consumer] = [2, 3, 5];
const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const traceparent = (traceId: string, spanId: string): string => `00-${traceId}-${spanId}-01`;

let rm: Person;
let name: string;
beforeAll(async () => {
  rm = await as(managerOfOthers);
  const snapshot = newCustomer();
  await send([customerMessage(snapshot)]);
  await untilApplied();
  ({ name } = await customerByNumber(rm, snapshot.sourceId));
});

/** The one span that fits; services export theirs within seconds. */
const find = (traceId: string, what: string, fits: (span: Span) => boolean): Promise<Span> =>
  vi.waitFor(
    () => {
      const spans = spansOf(traceId);
      const found = spans.find(fits);
      if (!found)
        throw new Error(`no ${what} among ${spans.map((span) => `${span.service}: ${span.name}`).join(', ') || 'no spans'}`);
      return found;
    },
    { timeout: 10_000, interval: 200 },
  );

const isSql = (span: Span): boolean => span.attributes.some(({ key }) => key.startsWith('db.'));

describe('a trace', () => {
  it('leads from the gateway, with a link to the caller’s, through HTTP and gRPC to SQL', async () => {
    const callers = { traceId: hex(16), spanId: hex(8) };
    const headers = { traceparent: traceparent(callers.traceId, callers.spanId) };
    const reply = await rm.send('GET', `/v1/${name}:view360`, { headers });
    // An audit entry names it: nobody else chooses it.
    const traceId = reply.headers.get('x-trace-id')!;
    expect(traceId).not.toBe(callers.traceId);

    const edge = await find(
      traceId,
      'server span of the gateway',
      ({ service, kind }) => service === 'gateway' && kind === server,
    );
    expect(edge).toMatchObject({ links: [callers], name: 'GET /v1/{name=customers/*}:view360' });
    expect(edge.parentSpanId ?? '').toBe('');
    const call = await find(
      traceId,
      'client span of the gateway',
      ({ service, kind }) => service === 'gateway' && kind === client,
    );
    expect(call.parentSpanId).toBe(edge.spanId);
    const operation = await find(
      traceId,
      'server span of the customer service',
      ({ service, kind }) => service === 'customer' && kind === server,
    );
    expect(operation).toMatchObject({ parentSpanId: call.spanId, name: 'bankcrm.customer.v1.Customers/ViewCustomer360' });
    const query = await find(traceId, 'span of a query', (span) => span.service === 'customer' && isSql(span));
    expect(query.parentSpanId).toBe(operation.spanId);
  });

  it('is begun for a caller who has none, and told', async () => {
    const reply = await rm.get('/v1/me');
    const traceId = reply.headers.get('x-trace-id')!;
    const edge = await find(
      traceId,
      'server span of the gateway',
      ({ service, kind }) => service === 'gateway' && kind === server,
    );
    expect(edge.parentSpanId ?? '').toBe('');
    await find(traceId, 'server span of the directory', ({ service, kind }) => service === 'directory' && kind === server);
  });

  it('leads from a message of the core through its transaction to the event that it causes', async () => {
    const [traceId, spanId] = [hex(16), hex(8)];
    const snapshot = newCustomer();
    const message = customerMessage(snapshot);
    await send([{ ...message, headers: { ...message.headers, traceparent: traceparent(traceId, spanId) } }]);
    await untilApplied();

    const batch = await find(traceId, 'consumer span', ({ service, kind }) => service === 'customer' && kind === consumer);
    expect([batch.parentSpanId, ...(batch.links ?? []).map((link) => link.spanId)]).toContain(spanId);
    const ofTheBatch = new Set<string>();
    await find(traceId, 'span of a query in the batch', (span) => {
      ofTheBatch.add(span.spanId);
      return isSql(span) && (span.parentSpanId === batch.spanId || ofTheBatch.has(span.parentSpanId ?? ''));
    });

    const { name: customer } = await customerByNumber(rm, snapshot.sourceId);
    const event = await vi.waitFor(
      async () => {
        const events = await contentOf('bankcrm.customer.v1.customers');
        const ours = events.find(({ value }) => CustomerChanged.decode(value).customer === customer);
        if (!ours) throw new Error(`no event about ${customer} among ${events.length}`);
        return ours;
      },
      { timeout: 15_000 },
    );
    expect(event.headers.traceparent?.split('-')[1]).toBe(traceId);
    expect(event.headers).toMatchObject({
      ce_specversion: '1.0',
      ce_type: 'bankcrm.customer.v1.CustomerChanged',
      ce_subject: customer,
    });
  });
});

describe('logs', () => {
  it('are JSON, line by line, and a call is one line with operation, caller, outcome, duration and trace', async () => {
    const reply = await rm.get(`/v1/${name}`);
    const traceId = reply.headers.get('x-trace-id')!;
    for (const service of ['gateway', 'customer'] as const) {
      const line = await vi.waitFor(() => {
        const found = logOf(service)
          .split('\n')
          .find((text) => text.includes(traceId));
        if (found === undefined) throw new Error(`the ${service} has not logged ${traceId}`);
        return JSON.parse(found) as Record<string, unknown>;
      });
      expect(line).toMatchObject({
        service,
        operation: 'bankcrm.customer.v1.Customers/GetCustomer',
        outcome: 'OK',
        trace_id: traceId,
      });
      expect(line).toMatchObject({ duration_ms: expect.any(Number), caller: expect.any(String) });
    }
    for (const service of services)
      for (const text of logOf(service).split('\n').filter(Boolean))
        expect(JSON.parse(text), text).toMatchObject({ level: expect.any(String), time: expect.any(String), service });
  });
});

describe('metrics', () => {
  it.each(manifests)(
    'of $name tell rate, errors and duration, and what waits',
    async ({ name: service, serves, database, consumes }) => {
      const wanted = [
        serves === 'grpc' ? /^rpc_server_duration/m : /^http_server_request_duration/m,
        ...(database ? [/outbox_depth/] : []),
        ...(Object.keys(consumes).length > 0 ? [/consumer_lag_messages/, /consumer_lag_seconds/, /dead_letters/] : []),
      ];
      if (servicesWithCalls.includes(service)) await (await writingOf(service)).write(newKey(), {});
      await rm.get(`/v1/${name}`);
      await send([{ ...customerMessage(newCustomer()), value: Buffer.from([0x0a, 0xff]) }]);
      await untilApplied();
      await vi.waitFor(
        async () => {
          const text = await (await fetch(`${placeOf(stack(), service).healthUrl}/metrics`)).text();
          expect(wanted.filter((pattern) => !pattern.test(text))).toEqual([]);
        },
        { timeout: 10_000 },
      );
    },
  );
});
