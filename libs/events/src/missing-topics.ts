import { type KafkaConnection, openKafka } from './kafka.ts';
import type { Log } from './log.ts';

const silent = { info() {}, warn() {}, error() {} } as unknown as Log;

/**
 * Those of some topics that Kafka does not have, or does not show to who asks, by their names in the contract; `topicPrefix` is put before each. Throws when it
 * cannot be reached, and logs nothing.
 */
export async function missingTopics(options: {
  kafka: KafkaConnection;
  topics: readonly string[];
  topicPrefix: string;
}): Promise<string[]> {
  const { kafka, topics, topicPrefix } = options;
  const admin = openKafka(kafka, silent).admin();
  await admin.connect();
  try {
    // Not asked for by their names: a broker may make what is asked for.
    const there = new Set(await admin.listTopics());
    return topics.filter((topic) => !there.has(topicPrefix + topic));
  } finally {
    await admin.disconnect();
  }
}
