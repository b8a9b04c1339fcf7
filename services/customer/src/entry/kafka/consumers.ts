import { type ConsumerOptions, type EventConsumer, type PartitionLag, startConsumer } from '@bankcrm/events';
import type { Incoming } from '../../app/sync/incoming.ts';
import { controlTopic, coreTopics, orgUnitsTopic } from './topics.ts';

type Shared = Omit<ConsumerOptions<Incoming>, 'group' | 'topics' | 'limits'>;

/**
 * The service's consumers. What the directory and other services say, and what sources have counted, has a group of its own each: a few messages
 * that must not wait behind the first load of a bank.
 */
export function startConsumers(shared: Shared, panelTopics: readonly string[]) {
  // How long the partitions of a replica that died stand still. Transactions end in a second or two, and heartbeats go on beside them.
  const sessionTimeoutMs = 10_000;
  const small = { maxBatchMessages: 500, maxBytes: 1_048_576, partitionsConcurrently: 1, sessionTimeoutMs };
  const core = () =>
    startConsumer({
      ...shared,
      group: 'customer-core-banking',
      topics: Object.values(coreTopics),
      limits: {
        maxBytes: 4_194_304,
        sessionTimeoutMs,
      },
    });
  const consumers: EventConsumer[] = [
    // Two members: a consumer fetches only when it has written all it had, and meanwhile the other one writes.
    core(),
    core(),
    startConsumer({ ...shared, group: 'customer-directory', topics: [orgUnitsTopic], limits: small }),
    startConsumer({ ...shared, group: 'customer-reconcile', topics: [controlTopic], limits: small }),
  ];
  if (panelTopics.length > 0)
    consumers.push(startConsumer({ ...shared, group: 'customer-panels', topics: panelTopics, limits: small }));
  return {
    isHealthy: (): boolean => consumers.every((consumer) => consumer.isHealthy()),
    /** Of all partitions, whoever works on them: one member of each group is asked. */
    lag: async (): Promise<PartitionLag[]> => (await Promise.all(consumers.slice(1).map((consumer) => consumer.lag()))).flat(),
    stop: async (): Promise<void> => void (await Promise.all(consumers.map((consumer) => consumer.stop()))),
  };
}

export type Consumers = ReturnType<typeof startConsumers>;
