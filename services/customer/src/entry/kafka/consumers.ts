import { controlTopic, coreTopics } from '@bankcrm/contract';
import { type ConsumerOptions, type EventConsumer, isHeartbeat, type PartitionLag, startConsumer } from '@bankcrm/events';
import type { Incoming } from '../../app/sync/incoming.ts';
import { orgUnitsTopic, scopeTopics } from './topics.ts';

type Shared = Omit<ConsumerOptions<Incoming>, 'group' | 'topics' | 'limits'>;

/** Topics of other services, which come with them. */
export interface TopicsOfServices {
  panels: readonly string[];
  timeline: readonly string[];
}

/**
 * The service's consumers. What the directory and other services say, and what sources have counted, has a group of its own each: a few messages
 * that must not wait behind the first load of a bank.
 */
export function startConsumers(shared: Shared, { panels, timeline }: TopicsOfServices) {
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
    startConsumer({ ...shared, group: 'customer-directory', topics: [orgUnitsTopic], ignore: isHeartbeat, limits: small }),
    startConsumer({ ...shared, group: 'customer-scope', topics: Object.values(scopeTopics), limits: small }),
    startConsumer({ ...shared, group: 'customer-reconcile', topics: [controlTopic], limits: small }),
  ];
  if (panels.length > 0) consumers.push(startConsumer({ ...shared, group: 'customer-panels', topics: panels, limits: small }));
  if (timeline.length > 0)
    consumers.push(startConsumer({ ...shared, group: 'customer-timeline', topics: timeline, limits: small }));
  return {
    isHealthy: (): boolean => consumers.every((consumer) => consumer.isHealthy()),
    /** Of all partitions, whoever works on them: one member of each group is asked. */
    lag: async (): Promise<PartitionLag[]> => (await Promise.all(consumers.slice(1).map((consumer) => consumer.lag()))).flat(),
    stop: async (): Promise<void> => void (await Promise.all(consumers.map((consumer) => consumer.stop()))),
  };
}

export type Consumers = ReturnType<typeof startConsumers>;
