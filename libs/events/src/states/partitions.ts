import type { Admin, Kafka } from 'kafkajs';

/** Kafka does not have a topic, or does not show it to us. */
const missing = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'TOPIC_AUTHORIZATION_FAILED']);

/** How many partitions topics have, by their names in Kafka; one that is missing is left out. */
export async function countPartitions(kafka: Kafka, topics: readonly string[]): Promise<Map<string, number>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const counts = new Map<string, number>();
    // One by one: kafkajs gives nothing of any when one is missing.
    for (const topic of topics) {
      const count = await countOf(admin, topic);
      if (count !== undefined) counts.set(topic, count);
    }
    return counts;
  } finally {
    await admin.disconnect();
  }
}

async function countOf(admin: Admin, topic: string): Promise<number | undefined> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length;
  } catch (error) {
    if (missing.has((error as { type?: string }).type ?? '')) return undefined;
    throw error;
  }
}
