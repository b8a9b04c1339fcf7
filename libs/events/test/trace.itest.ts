import { testStack } from '@bankcrm/testing';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendToOutbox } from '../src/index.ts';
import { type Bench, eventually, openBench } from './support/bench.ts';
import { applyBookings, booking } from './support/booking.ts';
import { event } from './support/outbox-events.ts';

describe('a trace', () => {
  let bench: Bench;
  const exporter = new InMemorySpanExporter();
  beforeAll(async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
    bench = await openBench(testStack());
  });
  afterAll(async () => {
    await bench.close();
    trace.disable();
    context.disable();
    propagation.disable();
  });

  it('leads from a message through its transaction to the event it causes, and links to each message where they are several', async () => {
    const traced = (id: string, traceId: string) => {
      const message = booking(id, 'a', 1);
      return { ...message, headers: { ...message.headers, traceparent: `00-${traceId}-00f067aa0ba902b7-01` } };
    };
    const one = '4bf92f3577b34da6a3ce929d0e0e4736';
    const two = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2';
    await bench.send([traced('b1', one)]);
    bench.consume({
      apply: async (tx, items, at) => {
        await appendToOutbox(tx, [event()]);
        return applyBookings(tx, items, at);
      },
    });
    await eventually(async () => expect(await bench.nextOffsets()).toEqual([1n]));
    const { rows } = await bench.worker.query(`SELECT headers ->> 'traceparent' AS traceparent FROM events.outbox`);
    const span = exporter.getFinishedSpans().find(({ name }) => name === 'bookings process')!;
    expect(span.spanContext().traceId).toBe(one);
    expect(span.parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(rows[0].traceparent).toBe(`00-${one}-${span.spanContext().spanId}-01`);

    exporter.reset();
    await bench.send([traced('b2', one), traced('b3', two)]);
    await eventually(async () => expect(await bench.nextOffsets()).toEqual([3n]));
    const links = exporter.getFinishedSpans().flatMap((finished) => finished.links.map((link) => link.context.traceId));
    expect(links.toSorted()).toEqual([one, two]);
  });
});
