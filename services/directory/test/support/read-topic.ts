import { openPool } from '@bankcrm/database';
import { decoded, startConsumer } from '@bankcrm/events';
import { systemClock } from '@bankcrm/kernel';
import type { Suite } from './harness.ts';

/** Reads a topic of the suite from its beginning, as any other service would; `seen` grows until stopped. */
export function readTopic<T>(suite: Suite, topic: string, decode: (value: Buffer) => T) {
  const seen: { key: string; event: T }[] = [];
  const workers = openPool({ url: suite.urls.worker, name: 'test', maxConnections: 5, statementTimeoutMs: 5_000 });
  const consumer = startConsumer<{ key: string; event: T }>({
    kafka: { brokers: suite.stack.kafka.brokers, clientId: 'test' },
    group: `test-${topic}`,
    topics: [topic],
    topicPrefix: suite.topicPrefix,
    workers,
    sealer: { seal: (plain) => Buffer.from(plain), open: (sealed) => Buffer.from(sealed) },
    clock: systemClock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    decode: (raw) => decoded(raw, { key: String(raw.key), event: decode(raw.value!) }),
    apply: async (_tx, items) => {
      seen.push(...items.map(({ value }) => value));
      return [];
    },
  });
  return {
    seen,
    async stop() {
      await consumer.stop();
      await workers.end();
    },
  };
}
