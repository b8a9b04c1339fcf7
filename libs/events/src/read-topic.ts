import { randomUUID } from 'node:crypto';
import type { IHeaders } from 'kafkajs';
import { type KafkaConnection, openKafka } from './kafka.ts';
import type { Log } from './log.ts';
import { within } from './wait.ts';

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
  headers: IHeaders;
}

/** Without a word from the broker for so long, reading is given up. */
const silenceMs = 60_000;
/** A message may be worked on for longer than the group's patience. */
const heartbeatEveryMs = 3_000;

/**
 * Reads all that a topic holds when reading begins, each partition in its order, and ends: for a command that checks or counts. Fetches no more than is taken.
 * Services consume with `startConsumer`. Throws when the broker cannot be reached or falls silent.
 */
export async function* readTopic({
  kafka: connection,
  log,
  topic: name,
  topicPrefix = '',
}: ReadTopicOptions): AsyncGenerator<ReadMessage> {
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
    /** By partition: the offset behind what was taken. After a crash kafkajs begins again at the first one. */
    const taken = new Map<number, bigint>();
    const waiting: { messages: ReadMessage[]; done: () => void }[] = [];
    let wake = (): void => {};
    let failure: Error | undefined;
    let isLeft = false;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart) failure = payload.error;
      wake();
    });
    // Said of batches without messages, too: a partition may end with the mark of a transaction.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
      const end = ends.get(partition);
      if (end !== undefined && BigInt(lastOffset) + 1n >= end) ends.delete(partition);
      wake();
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch: { partition, messages }, heartbeat }) => {
          const end = ends.get(partition) ?? 0n;
          const read = messages
            .map(({ offset, key, value, headers = {} }) => ({ partition, offset: BigInt(offset), key, value, headers }))
            .filter(({ offset }) => offset < end && offset >= (taken.get(partition) ?? 0n));
          if (read.length === 0 || isLeft) return;
          taken.set(partition, read.at(-1)!.offset + 1n);
          const beat = setInterval(() => void heartbeat().catch(() => {}), heartbeatEveryMs);
          await new Promise<void>((done) => {
            waiting.push({ messages: read, done });
            wake();
          });
          clearInterval(beat);
        },
      });
      while (true) {
        const next = waiting.shift();
        if (next) {
          try {
            yield* next.messages;
          } finally {
            next.done();
          }
          continue;
        }
        if (failure) throw failure;
        if (ends.size === 0) return;
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        if (!(await within(silenceMs, woken))) throw new Error(`${topic}: the broker has said nothing for ${silenceMs} ms`);
      }
    } finally {
      isLeft = true;
      for (const { done } of waiting) done();
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => {});
    }
  } finally {
    await admin.disconnect();
  }
}
