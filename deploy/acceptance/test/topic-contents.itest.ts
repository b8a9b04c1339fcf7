import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { contentOf } from '../src/kafka.ts';
import { stack } from '../src/run.ts';

const kafka = new Kafka({ brokers: stack().kafka.brokers, logLevel: logLevel.NOTHING });
const admin = kafka.admin();
const plain = `acceptance.plain-${randomBytes(4).toString('hex')}`;
const transactional = `acceptance.transactional-${randomBytes(4).toString('hex')}`;
/** Two of them do not fit into one fetch of 1 MiB. */
const large = Buffer.alloc(700_000, 1);

beforeAll(async () => {
  await admin.connect();
  await admin.createTopics({ waitForLeaders: false, topics: [{ topic: plain }, { topic: transactional }] });
  // A leader that is named may not be leading yet: it is when it answers.
  for (const topic of [plain, transactional]) await vi.waitFor(() => admin.fetchTopicOffsets(topic), 30_000);
});
afterAll(async () => {
  await admin.deleteTopics({ topics: [plain, transactional] });
  await admin.disconnect();
});

const keysOf = async (topic: string) => (await contentOf(topic)).map(({ key }) => key);

it('what the suite reads of a topic is all there is, to the last record', async () => {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (const key of ['first', 'last']) await producer.send({ topic: plain, messages: [{ key, value: large, partition: 0 }] });
  await producer.disconnect();
  expect(await keysOf(plain)).toEqual(['first', 'last']);
});

it('also of a topic that ends with the marker of a transaction', async () => {
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    transactionalId: transactional,
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  for (const key of ['first', 'last']) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: transactional, messages: [{ key, value: large, partition: 0 }] });
    await transaction.commit();
  }
  await producer.disconnect();
  expect(await keysOf(transactional)).toEqual(['first', 'last']);
});
