import { Partitioners } from 'kafkajs';
import { type KafkaConnection, openKafka } from './kafka.ts';
import type { Log } from './log.ts';
import type { OutboxEvent } from './outbox/append.ts';
import { messageOfEvent } from './outbox/rows.ts';

/** Sends events that are in Kafka when `send` returns. All others take the outbox, which loses nothing when Kafka is away. */
export interface Sender {
  /** Throws when it is not known that all replicas have them; sent again they are there twice, under the same ids. */
  send(events: readonly OutboxEvent[]): Promise<void>;
  close(): Promise<void>;
}

export interface SenderOptions {
  kafka: KafkaConnection;
  /** Name of the service: its `ce_source`. */
  service: string;
  log: Log;
  /** Put before topics. Default: none. */
  topicPrefix?: string;
}

/** Opens a sender; it connects with the first event. */
export function openSender({ kafka, service, log, topicPrefix = '' }: SenderOptions): Sender {
  // Not idempotent: after an error kafkajs takes numbers back that the broker may have seen, and the next event would pass for a repeated one.
  const producer = openKafka(kafka, log).producer({
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 8 },
  });
  let connected: Promise<void> | undefined;
  return {
    async send(events) {
      connected ??= producer.connect();
      await connected.catch((error: unknown) => {
        connected = undefined;
        throw error;
      });
      const byTopic = Map.groupBy(events, ({ topic }) => topicPrefix + topic);
      const topicMessages = [...byTopic].map(([topic, part]) => ({
        topic,
        messages: part.map((event) => messageOfEvent(event, service)),
      }));
      await producer.sendBatch({ topicMessages, acks: -1, timeout: 10_000 });
    },
    close: () => producer.disconnect(),
  };
}
