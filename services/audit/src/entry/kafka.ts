import { type ConsumerOptions, type PartitionLag, startConsumer } from '@bankcrm/events';
import { topicOf } from '@bankcrm/proto/descriptors';
import { appendEntries, decodeEntry } from '../app/append-entries.ts';
import type { Received } from '../store/chain.ts';

const group = 'audit-entries';
const topics = [topicOf('bankcrm.audit.v1.Entry')];

/** A batch is one transaction, with one root: the larger, the less it costs an entry. */
const limits = { sessionTimeoutMs: 10_000, maxBytesPerPartition: 2 * 1024 * 1024 };

/** Consumes what all services write down. */
export function startConsumers(shared: Omit<ConsumerOptions<Received>, 'group' | 'topics' | 'limits' | 'decode' | 'apply'>) {
  const member = () => startConsumer({ ...shared, group, topics, decode: decodeEntry, apply: appendEntries, limits });
  // Two members: a consumer fetches only when it has written all it had, and meanwhile the other one writes.
  const consumers = [member(), member()];
  return {
    isHealthy: (): boolean => consumers.every((consumer) => consumer.isHealthy()),
    /** Of all partitions, whoever works on them. */
    lag: (): Promise<PartitionLag[]> => consumers[0]!.lag(),
    stop: async (): Promise<void> => void (await Promise.all(consumers.map((consumer) => consumer.stop()))),
  };
}

export type Consumers = ReturnType<typeof startConsumers>;
