import { metrics } from '@opentelemetry/api';
import type { PartitionLag } from './lag.ts';

interface Seen {
  group: string;
  topics: readonly string[];
  /** The partitions that the consumer works on. */
  partitions: readonly PartitionLag[];
}

/** What each consumer of this process saw at its last check: several work on the partitions of one topic, and a gauge has one value. */
const seen = new Map<object, Seen>();

/** Notes what a consumer has seen; undefined when it has stopped. */
export function noteLag(consumer: object, now: Seen | undefined): void {
  if (now === undefined) seen.delete(consumer);
  else seen.set(consumer, now);
}

const meter = metrics.getMeter('@bankcrm/events');
const lagMessages = meter.createObservableGauge('bankcrm.consumer.lag.messages', { unit: '{message}' });
const lagSeconds = meter.createObservableGauge('bankcrm.consumer.lag.seconds', {
  unit: 's',
  description: 'Age of the oldest message not applied',
});
const stoppedPartitions = meter.createObservableGauge('bankcrm.consumer.stopped_partitions', { unit: '{partition}' });

meter.addBatchObservableCallback(
  (result) => {
    for (const [group, consumers] of Map.groupBy(seen.values(), (consumer) => consumer.group))
      for (const topic of new Set(consumers.flatMap(({ topics }) => topics))) {
        const ours = consumers.flatMap(({ partitions }) => partitions).filter((partition) => partition.topic === topic);
        const attributes = { group, topic };
        result.observe(lagMessages, Number(ours.reduce((sum, { messages }) => sum + messages, 0n)), attributes);
        result.observe(lagSeconds, Math.max(0, ...ours.map(({ seconds }) => seconds)), attributes);
        result.observe(stoppedPartitions, ours.filter(({ stopped }) => stopped !== null).length, attributes);
      }
  },
  [lagMessages, lagSeconds, stoppedPartitions],
);
