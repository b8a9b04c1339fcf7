import { randomUUID } from 'node:crypto';
import { type KafkaConnection, openKafka } from './kafka.ts';
import type { Log } from './log.ts';

export interface ReadTopicOptions {
  kafka: KafkaConnection;
  log: Log;
  /** As in the contract. */
  topic: string;
  /** Put before the topic. Default: none. */
  topicPrefix?: string;
}

/** A message where it stands in its topic. */
export interface ReadMessage {
  partition: number;
  offset: bigint;
  key: Buffer | null;
  value: Buffer | null;
}

/**
 * Reads all that a topic holds at this moment, each partition in its order, and returns: for a command that checks or counts. Services consume with
 * `startConsumer`.
 */
export async function readTopic(
  { kafka: connection, log, topic: name, topicPrefix = '' }: ReadTopicOptions,
  onMessage: (message: ReadMessage) => void,
): Promise<void> {
  const kafka = openKafka(connection, log);
  const topic = topicPrefix + name;
  const groupId = `${topicPrefix}read-${randomUUID()}`;
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = new Map(
      (await admin.fetchTopicOffsets(topic))
        .filter(({ high, low }) => BigInt(high) > BigInt(low))
        .map(({ partition, high }) => [partition, BigInt(high)]),
    );
    if (ends.size === 0) return;
    const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
        void consumer
          .run({
            autoCommit: false,
            eachBatchAutoResolve: true,
            eachBatch: async ({ batch }) => {
              const end = ends.get(batch.partition);
              if (end === undefined) return;
              for (const { key, value, offset } of batch.messages) {
                const at = BigInt(offset);
                if (at < end) onMessage({ partition: batch.partition, offset: at, key, value });
              }
              if (BigInt(batch.lastOffset()) + 1n < end) return;
              ends.delete(batch.partition);
              if (ends.size === 0) resolve();
            },
          })
          .catch(reject);
      });
    } finally {
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => {});
    }
  } finally {
    await admin.disconnect();
  }
}
