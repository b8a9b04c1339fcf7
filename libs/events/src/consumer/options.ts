import type { Sealer } from '@bankcrm/database';
import type { Clock } from '@bankcrm/kernel';
import type pg from 'pg';
import { type Apply, maxValueBytes } from '../apply.ts';
import type { KafkaConnection } from '../kafka.ts';
import type { Log } from '../log.ts';
import type { Decode, RawMessage } from '../messages.ts';

export interface ConsumerOptions<T> {
  kafka: KafkaConnection;
  /** Names the positions in PostgreSQL. */
  group: string;
  /**
   * Name of the group in Kafka; default: prefix and `group`. Positions do not depend on it, so two groups may even share them for a while (a
   * release beside its successor): each message still has one effect.
   */
  kafkaGroup?: string;
  /** Names as in the contract. */
  topics: readonly string[];
  /** Put before each topic's and the group's name in Kafka; a database belongs to one prefix for its whole life. Default: none. */
  topicPrefix?: string;
  /** Connects as the service's worker role; needs `partitionsConcurrently` + 2 connections. */
  workers: pg.Pool;
  sealer: Sealer;
  clock: Clock;
  log: Log;
  decode: Decode<T>;
  apply: Apply<T>;
  /** Messages that are taken and leave nothing, such as heartbeats for those who do not go by them. Default: none. */
  ignore?: (raw: RawMessage) => boolean;
  /**
   * The source system that a message is of, empty where it names none; default: by `ce_source`. Asked for dead letters, and for each message of a
   * topic while something is paused on it.
   */
  sourceOf?: (raw: RawMessage) => string;
  /** Which sources are paused on a topic: asked for each fetch, so answer from memory. Their messages wait, and all behind them in the partition. */
  pausedSources?: (topic: string) => ReadonlySet<string>;
  limits?: Partial<ConsumerLimits>;
}

/** Memory in use is about `maxBytes` as fetched, plus what `apply` makes of `partitionsConcurrently` × `maxBatchMessages`. */
export interface ConsumerLimits {
  /** Messages in one transaction. */
  maxBatchMessages: number;
  /** Of one partition in one fetch. A single larger message is delivered all the same. */
  maxBytesPerPartition: number;
  /** Of one fetch. */
  maxBytes: number;
  /** A larger value is a dead letter, unread. */
  maxValueBytes: number;
  partitionsConcurrently: number;
  /** How long the broker holds an empty fetch; also how soon a paused or sought partition is looked at. */
  maxWaitMs: number;
  sessionTimeoutMs: number;
  /** Between two looks at what is paused. */
  resumeCheckMs: number;
  /** Between two checks of ranges, lag and stopped partitions, and two commit hints to Kafka. */
  checkMs: number;
  /** Longest wait between two tries. */
  maxBackoffMs: number;
  /** How long `stop` waits for transactions that are running. */
  drainTimeoutMs: number;
}

export const defaultLimits: ConsumerLimits = {
  maxBatchMessages: 2_000,
  maxBytesPerPartition: 1_048_576,
  maxBytes: 8_388_608,
  maxValueBytes,
  partitionsConcurrently: 2,
  maxWaitMs: 250,
  sessionTimeoutMs: 30_000,
  resumeCheckMs: 500,
  checkMs: 2_000,
  maxBackoffMs: 15_000,
  drainTimeoutMs: 20_000,
};
