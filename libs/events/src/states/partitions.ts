import type { Kafka } from 'kafkajs';

/** How many partitions topics have, by their names in Kafka. Throws when one is missing. */
export async function countPartitions(kafka: Kafka, topics: readonly string[]): Promise<Map<string, number>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { topics: known } = await admin.fetchTopicMetadata({ topics: [...topics] });
    return new Map(known.map(({ name, partitions }) => [name, partitions.length]));
  } finally {
    await admin.disconnect();
  }
}
