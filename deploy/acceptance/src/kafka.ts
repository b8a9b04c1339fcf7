import { randomBytes } from 'node:crypto';
import { coreTopics, type Stack, untilSynced } from '@bankcrm/local';
import { type Admin, type IHeaders, Kafka, logLevel, Partitioners } from 'kafkajs';
import { database } from './postgres.ts';
import { stack } from './run.ts';

/** A record as it is sent or was found. Header values are text in everything the platform writes. */
export type KafkaRecord = {
  topic: string;
  key: string | null;
  value: Buffer;
  headers: Readonly<Record<string, string>>;
};

/** Where a record stands. */
export type Place = { topic: string; partition: number; offset: bigint };

const client = (brokers: string[]) =>
  new Kafka({ clientId: 'acceptance', brokers, connectionTimeout: 5_000, requestTimeout: 15_000, logLevel: logLevel.NOTHING });

/** A connected producer, for tests that measure from the acknowledgement on. */
export async function openSender({ brokers } = stack().kafka) {
  const producer = client(brokers).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  return {
    /** Returns when the broker has them all; says where those that share a partition begin. */
    async send(records: readonly KafkaRecord[]): Promise<Place[]> {
      const places: Place[] = [];
      for (const [topic, messages] of Map.groupBy(records, (record) => record.topic))
        for (let at = 0; at < messages.length; at += 1_000) {
          const batch = messages.slice(at, at + 1_000).map(({ key, value, headers }) => ({ key, value, headers }));
          const written = await producer.send({ topic, messages: batch });
          places.push(...written.map(({ partition, baseOffset }) => ({ topic, partition, offset: BigInt(baseOffset ?? -1) })));
        }
      return places;
    },
    [Symbol.asyncDispose]: () => producer.disconnect(),
  };
}

/** Sends records, topic after topic, each topic's in their order, and returns when the broker has them all. */
export async function send(records: readonly KafkaRecord[]): Promise<Place[]> {
  await using sender = await openSender();
  return await sender.send(records);
}

/** Deletes all that stands before an offset, as retention would. */
export const deleteRecordsBefore = ({ topic, partition, offset }: Place): Promise<void> =>
  withAdmin(client(stack().kafka.brokers), async (admin) => {
    // kafkajs looks for the leader in what it knows already.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
  });

export const topicNames = ({ brokers } = stack().kafka): Promise<string[]> =>
  withAdmin(client(brokers), (admin) => admin.listTopics());

/** Everything that stands in a topic now, partition after partition. */
export async function contentOf(topic: string, { brokers } = stack().kafka): Promise<KafkaRecord[]> {
  const kafka = client(brokers);
  const ends = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
  const left = new Map(
    ends.filter(({ low, high }) => BigInt(low) < BigInt(high)).map((end) => [end.partition, BigInt(end.high)]),
  );
  if (left.size === 0) return [];
  const consumer = kafka.consumer({ groupId: `acceptance-${randomBytes(6).toString('hex')}`, retry: { retries: 2 } });
  const found: (KafkaRecord & { partition: number; offset: bigint })[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`read only ${found.length} records of ${topic} in 30 s`)), 30_000);
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      // Told of each fetch, also of one with nothing in it but the marker that ends a transaction: markers take offsets, too.
      consumer.on('consumer.end_batch_process', ({ payload: { partition, lastOffset } }) => {
        if (BigInt(lastOffset) + 1n >= (left.get(partition) ?? 0n)) left.delete(partition);
        if (left.size > 0) return;
        clearTimeout(limit);
        resolve();
      });
      void consumer.run({
        eachBatch: async ({ batch }) => {
          for (const { key, value, headers, offset } of batch.messages)
            found.push({
              topic,
              partition: batch.partition,
              offset: BigInt(offset),
              key: key?.toString() ?? null,
              value: value ?? Buffer.alloc(0),
              headers: textsOf(headers),
            });
        },
      });
    });
  } finally {
    await consumer.disconnect();
  }
  return found.sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
}

const textsOf = (headers: IHeaders | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));

/** Waits until the customer service has dealt with everything that stands in the core's topics now. */
export const untilApplied = (on: Stack = stack(), timeoutMs = 60_000): Promise<void> => untilSynced(on, { timeoutMs });

/** How many messages of the core the customer service has dealt with. */
export const applied = (): Promise<bigint> =>
  database(stack(), 'customer', async (query) => {
    const { rows } = await query('SELECT coalesce(sum(next_offset), 0) AS sum FROM events.kafka_offset WHERE topic = ANY ($1)', [
      coreTopics,
    ]);
    return BigInt(rows[0]!.sum as string);
  });

async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
