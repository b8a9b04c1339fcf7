import { Kafka, logLevel } from 'kafkajs';

/** A bare kafkajs consumer in a process of its own: reads topics from the beginning, does nothing with them, prints messages per second. */
const [brokers, topics, total] = process.argv.slice(2) as [string, string, string];
const consumer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).consumer({
  groupId: `drain-${process.pid}-${Date.now()}`,
});
const wanted = Number(total);
let first: { at: number; messages: number } | undefined;
let messages = 0;
await consumer.connect();
await consumer.subscribe({ topics: topics.split(','), fromBeginning: true });
const done = new Promise<number>((resolve) => {
  void consumer.run({
    eachBatch: async ({ batch }) => {
      messages += batch.messages.length;
      const at = performance.now();
      first ??= { at, messages };
      if (messages >= wanted) resolve(((messages - first.messages) / (at - first.at)) * 1000);
    },
  });
});
console.log(await done);
await consumer.disconnect();
