import { openPool } from '@bankcrm/database';
import { systemClock } from '@bankcrm/kernel';
import { childConfig, passGate } from '@bankcrm/testing/child.ts';
import { startConsumer } from '../../src/index.ts';
import { applyBookings, decodeBooking, testSealer } from './booking.ts';
import type { ChildConfig } from './child.ts';

/** A consumer as a process of its own, which the test halts and kills. */
const config = childConfig<ChildConfig>();
const write = (fields: object, message: string) => console.log(message, JSON.stringify(fields));

const workers = openPool({ url: config.workerUrl, name: 'child', maxConnections: 6, statementTimeoutMs: 20_000 });
// A service's pool gives a silent transaction 30 s; a test has less patience.
workers.on('connect', (client) => void client.query("SET idle_in_transaction_session_timeout = '3s'"));

startConsumer({
  kafka: { brokers: config.brokers, clientId: 'child' },
  group: config.group,
  topics: [config.topic],
  topicPrefix: config.prefix,
  workers,
  sealer: testSealer(),
  clock: systemClock,
  log: { info: write, warn: write, error: write },
  decode: decodeBooking,
  async apply(tx, items, context) {
    const refused = await applyBookings(tx, items, context);
    passGate('apply');
    return refused;
  },
  limits: {
    maxBatchMessages: config.maxBatchMessages ?? 500,
    sessionTimeoutMs: 6_000,
    maxWaitMs: 50,
    resumeCheckMs: 50,
    checkMs: 200,
    maxBackoffMs: 500,
  },
});

setInterval(() => {
  const { heapUsed, external } = process.memoryUsage();
  console.log(
    `memory ${JSON.stringify({ liveBytes: heapUsed + external, peakRssBytes: process.resourceUsage().maxRSS * 1024 })}`,
  );
}, 100);
