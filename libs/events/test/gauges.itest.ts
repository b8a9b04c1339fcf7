import { testStack } from '@bankcrm/testing';
import { metrics } from '@opentelemetry/api';
import type { MetricReader } from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startStates } from '../src/index.ts';
import { type Bench, eventually, openBench, silent } from './support/bench.ts';
import { booking } from './support/booking.ts';
import { createThings, raiseOnce, thingsFeed, thingsTopic } from './support/things.ts';

// Before anything makes an instrument: one made without a provider never measures.
const reader = await vi.hoisted(async (): Promise<MetricReader> => {
  const { metrics: api } = await import('@opentelemetry/api');
  const { MeterProvider, MetricReader: Reader } = await import('@opentelemetry/sdk-metrics');
  class OnDemand extends Reader {
    protected override async onShutdown() {}
    protected override async onForceFlush() {}
  }
  const onDemand = new OnDemand();
  api.setGlobalMeterProvider(new MeterProvider({ readers: [onDemand] }));
  return onDemand;
});

let bench: Bench;
beforeAll(async () => {
  bench = await openBench(testStack(), { partitions: 2 });
});
afterAll(async () => {
  await bench.close();
  metrics.disable();
});

const measured = async (name: string): Promise<unknown[]> => {
  const { resourceMetrics } = await reader.collect();
  const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics).find(({ descriptor }) => descriptor.name === name);
  return found?.dataPoints.map(({ value }) => value) ?? [];
};

it('the lag of a topic is that of all its partitions, whichever of the process’s consumers works on them', async () => {
  await bench.send([booking('b1', 'a', 1), booking('b2', 'a', 1), booking('b3', 'a', 1)], 0);
  await bench.send([booking('b4', 'b', 1), booking('b5', 'b', 1)], 1);
  const ofAll = () => new Set(['core']);
  const consumers = [bench.consume({ pausedSources: ofAll }), bench.consume({ pausedSources: ofAll })];
  await eventually(() => expect(consumers.map((consumer) => consumer.partitions().length)).toEqual([1, 1]));
  await eventually(async () => expect(await measured('bankcrm.consumer.lag.messages')).toEqual([5]), { timeoutMs: 10_000 });

  // A consumer that stops takes its part along.
  await consumers[0]!.stop();
  await eventually(() => expect(consumers[1]!.partitions()).toHaveLength(2));
  await eventually(async () => expect(await measured('bankcrm.consumer.lag.messages')).toEqual([5]), { timeoutMs: 10_000 });
});

it('what a leader says of its feeds ends with its lead', async () => {
  await createThings(bench);
  await bench.createTopic(thingsTopic, 1);
  await raiseOnce(bench, 'a');
  const states = startStates({
    kafka: { brokers: bench.stack.kafka.brokers, clientId: 'states' },
    service: 'customer',
    databaseUrl: bench.urls.worker,
    log: silent,
    topicPrefix: bench.prefix,
    feeds: [{ ...thingsFeed, read: () => Promise.reject(new Error('no such column')) }],
  });
  const said = async () => [...(await measured('bankcrm.states.waiting')), ...(await measured('bankcrm.states.behind'))];
  await eventually(async () => expect(await said()).toEqual([1, expect.toSatisfy((behind: number) => behind > 1)]));
  await states.stop();
  expect(await said()).toEqual([0, 0]);
});
