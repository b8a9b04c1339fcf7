import { eventually } from '@bankcrm/provision';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { databaseOf, inDatabase } from './databases.ts';
import { kafkaAccess } from './kafka-access.ts';
import { manifestOf } from './services.ts';
import type { Stack } from './stack.ts';

/** What the customer service consumes of a core bank. */
export const coreTopics: readonly string[] = manifestOf('customer').consumes['customer-core-banking'] ?? [];

export type SyncWait = {
  timeoutMs: number;
  /** Told every two seconds how many messages still wait. */
  onLeft?: (messages: bigint) => void;
  signal?: AbortSignal | undefined;
};

/**
 * Waits until the customer service has dealt with everything that stands in the core's topics now: its own positions, which it moves in the
 * transaction that writes the rows, have reached the topics' ends.
 */
export async function untilSynced(stack: Stack, { timeoutMs, onLeft, signal }: SyncWait): Promise<void> {
  const ends = await topicEnds(stack);
  const client = new pg.Client({
    connectionString: inDatabase(stack.postgres.superuserUrl, databaseOf('customer')),
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  await client.connect();
  try {
    let told = performance.now();
    await eventually(
      async () => {
        const left = await messagesLeft(client, ends);
        if (left > 0n && performance.now() - told > 2_000) {
          told = performance.now();
          onLeft?.(left);
        }
        return left === 0n;
      },
      { timeoutMs, what: 'the customer service to take everything in', signal },
    );
  } finally {
    await client.end();
  }
}

type End = { topic: string; partition: number; low: bigint; high: bigint };

async function topicEnds(stack: Stack): Promise<End[]> {
  const { brokers, access } = kafkaAccess(stack);
  const kafka = { clientId: 'local-sync', brokers, ...access, connectionTimeout: 5_000, logLevel: logLevel.NOTHING };
  const admin = new Kafka(kafka).admin();
  await admin.connect();
  try {
    const perTopic = await Promise.all(
      // Positions are kept under the topic's name without a prefix.
      coreTopics.map(async (topic) =>
        (await admin.fetchTopicOffsets(stack.topicPrefix + topic)).map((end) => ({ topic, ...end })),
      ),
    );
    return perTopic.flat().map(({ topic, partition, low, high }) => ({ topic, partition, low: BigInt(low), high: BigInt(high) }));
  } finally {
    await admin.disconnect();
  }
}

async function messagesLeft(client: pg.Client, ends: readonly End[]): Promise<bigint> {
  const { rows } = await client.query<{ topic: string; partition: number; next: string }>(
    'SELECT topic, partition, min(next_offset) AS next FROM events.kafka_offset GROUP BY topic, partition',
  );
  const next = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, BigInt(row.next)]));
  return ends.reduce((left, { topic, partition, low, high }) => {
    const position = next.get(`${topic}/${partition}`) ?? low;
    return left + (high > position ? high - position : 0n);
  }, 0n);
}
