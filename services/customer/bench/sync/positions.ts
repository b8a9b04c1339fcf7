import { Kafka, logLevel } from 'kafkajs';
import type pg from 'pg';

export const snapshotTopics = ['corebanking.customers.v1', 'corebanking.accounts.v1'];
export const transactionTopics = ['corebanking.transactions.v1'];

const group = 'customer-core-banking';

export interface Mark {
  topic: string;
  partition: number;
  low: bigint;
  high: bigint;
}

/** Where the topics begin and end. */
export async function marksOf(brokers: readonly string[], topics: readonly string[]): Promise<Mark[]> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const perTopic = await Promise.all(
      topics.map(async (topic) =>
        (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
          topic,
          partition,
          low: BigInt(low),
          high: BigInt(high),
        })),
      ),
    );
    return perTopic.flat();
  } finally {
    await admin.disconnect();
  }
}

/** Puts the stopped service's positions where a round wants them: at the beginning or at the end. */
export async function setPositions(client: pg.Client, marks: readonly Mark[], at: 'low' | 'high'): Promise<void> {
  for (const mark of marks) {
    await client.query(
      `INSERT INTO events.kafka_offset (consumer_group, topic, partition, next_offset, update_time) VALUES ($1, $2, $3, $4, now())
       ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET next_offset = excluded.next_offset`,
      [group, mark.topic, mark.partition, mark[at]],
    );
  }
}

/** Messages that the service has gone past in these topics. */
export async function gonePast(client: pg.Client, marks: readonly Mark[]): Promise<number> {
  const { rows } = await client.query<{ sum: string }>(
    'SELECT coalesce(sum(next_offset), 0)::text AS sum FROM events.kafka_offset WHERE consumer_group = $1 AND topic = ANY ($2)',
    [group, [...new Set(marks.map((mark) => mark.topic))]],
  );
  const low = marks.reduce((sum, mark) => sum + mark.low, 0n);
  return Number(BigInt(rows[0]!.sum) - low);
}
