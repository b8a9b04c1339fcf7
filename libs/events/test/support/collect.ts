import { randomUUID } from 'node:crypto';
import type { Bench } from './bench.ts';

export interface Collected {
  partition: number;
  key: string;
  value: Buffer;
  headers: Record<string, string>;
}

/** Reads a topic from its beginning as any other service would: committed messages only. */
export async function collect(bench: Bench, topic: string): Promise<{ messages: Collected[]; close(): Promise<void> }> {
  const messages: Collected[] = [];
  const consumer = bench.kafka.consumer({ groupId: `collect-${randomUUID()}`, maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic: bench.prefix + topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]));
      messages.push({ partition, key: String(message.key), value: message.value ?? Buffer.alloc(0), headers });
    },
  });
  return { messages, close: () => consumer.disconnect() };
}
