import type { Sealer } from '@bankcrm/database';
import { type KafkaConnection, type Log, startConsumer } from '@bankcrm/events';
import type { Clock } from '@bankcrm/kernel';
import type pg from 'pg';
import { apply } from './apply.ts';
import { decode } from './decode.ts';
import { Freshness, type Place, type Silence } from './freshness.ts';
import { scopeTopics } from './topics.ts';

export interface PlacementsOptions {
  service: string;
  kafka: KafkaConnection;
  topicPrefix?: string;
  /** Connects as the worker role. */
  workers: pg.Pool;
  /** Seals dead letters. */
  sealer: Sealer;
  clock: Clock;
  log: Log;
  silence: Silence;
}

/** The projection of who sees a customer, at work. */
export interface Placements {
  isHealthy(): boolean;
  stop(): Promise<void>;
  /** Looks how old the projection is; whoever starts it calls this every second. */
  look(): Promise<void>;
  /** True once every partition of both topics has passed the start: who sees whom is known as of now. */
  readonly caughtUp: boolean;
  /** Refuses with UNAVAILABLE `PLACEMENTS_SILENT` when the projection is too old. */
  requireFresh(highPrivilege: boolean): void;
}

/** Partitions are added to a topic once in years. */
const partitionsEveryMs = 10_000;

/** Starts to keep the schema `scope` by what the customer service and the directory publish, in the group `<service>-scope`. */
export function startPlacements(options: PlacementsOptions): Placements {
  const { service, workers, clock, silence } = options;
  const consumer = startConsumer({
    ...options,
    group: `${service}-scope`,
    topics: scopeTopics,
    decode,
    apply,
    limits: {
      // How long the partitions of a replica that died stand still.
      sessionTimeoutMs: 10_000,
      // Whatever a topic takes is read: what stays unread would close no customer.
      maxValueBytes: Number.POSITIVE_INFINITY,
    },
  });
  const freshness = new Freshness(clock, silence);
  let partitions: readonly Place[] = [];
  let partitionsReadAt = Number.NEGATIVE_INFINITY;
  return {
    isHealthy: () => consumer.isHealthy(),
    stop: () => consumer.stop(),
    async look() {
      const now = clock.now().getTime();
      if (!freshness.caughtUp || now - partitionsReadAt > partitionsEveryMs) {
        // Without Kafka no heartbeat comes either, and what is known grows old.
        partitions = await consumer.lag().catch(() => partitions);
        partitionsReadAt = now;
      }
      const { rows } = await workers.query<{ topic: string; partition: number; as_of: Date }>(
        'SELECT topic, partition, as_of FROM scope.feed',
      );
      freshness.note(
        partitions,
        rows.map(({ as_of: asOf, ...place }) => ({ ...place, asOf })),
      );
    },
    get caughtUp() {
      return freshness.caughtUp;
    },
    requireFresh: (highPrivilege) => freshness.requireFresh(highPrivilege),
  };
}
