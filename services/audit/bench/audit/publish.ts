import { progress } from '@bankcrm/bench/platform.ts';
import { topicOf } from '@bankcrm/proto/descriptors';
import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs';
import type { Sent } from './entries.ts';
import type { End } from './service-run.ts';

export const topic = topicOf('bankcrm.audit.v1.Entry');

const batchMessages = 2_000;
const progressEvery = 500_000;

/** Sends entries in their order, with the headers and keys that relays give them. */
export async function publishEntries(brokers: readonly string[], entries: Iterable<Sent>): Promise<void> {
  const kafka = new Kafka({ clientId: 'bench', brokers: [...brokers], requestTimeout: 30_000, logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  let batch: Sent[] = [];
  let count = 0;
  const send = async (): Promise<void> => {
    await producer.send({ topic, acks: -1, compression: CompressionTypes.None, messages: batch.map(messageOf) });
    count += batch.length;
    if (count % progressEvery === 0) progress(`${count} entries published`);
    batch = [];
  };
  try {
    for (const entry of entries) if (batch.push(entry) === batchMessages) await send();
    if (batch.length > 0) await send();
  } finally {
    await producer.disconnect();
  }
}

const messageOf = ({ key, value, service, entryId, time }: Sent) => ({
  key,
  value,
  timestamp: String(time.getTime()),
  headers: {
    ce_specversion: '1.0',
    ce_id: entryId,
    ce_source: `/bankcrm/${service}`,
    ce_type: 'bankcrm.audit.v1.Entry',
    ce_time: time.toISOString(),
    ce_subject: key,
    'content-type': 'application/protobuf',
  },
});

/** Where the topic's partitions end. */
export async function endsOfTopic(brokers: readonly string[]): Promise<End[]> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ partition, high: BigInt(high) }));
  } finally {
    await admin.disconnect();
  }
}

/** Takes all heads from their topic: those of a log that has been forgotten would contradict the ones to come. */
export async function emptyHeads(brokers: readonly string[]): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const heads = topicOf('bankcrm.audit.v1.SignedHead');
    const partitions = await admin.fetchTopicOffsets(heads);
    await admin.deleteTopicRecords({
      topic: heads,
      partitions: partitions.map(({ partition, high }) => ({ partition, offset: high })),
    });
  } finally {
    await admin.disconnect();
  }
}
