import { type Kafka, Partitioners, type Producer, type TopicMessages } from 'kafkajs';

/** A newer producer with our transactional id has taken over: Kafka takes nothing more from this one. */
export class Fenced extends Error {}

const fencedTypes = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING']);

export interface Publisher {
  /** All of them or none. After an error what became of them is not known: close, and open another. */
  publish(messages: TopicMessages[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens the one producer with this id. Kafka fences all earlier ones and aborts what they had not committed, before this returns. */
export async function openPublisher(kafka: Kafka, transactionalId: string): Promise<Publisher> {
  const producer: Producer = kafka.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 30_000,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 8 },
  });
  try {
    await producer.connect();
    // kafkajs asks for its epoch with the first transaction; an empty one is never sent.
    await (await producer.transaction()).abort();
  } catch (error) {
    await producer.disconnect().catch(() => {});
    throw fencedOr(error);
  }
  return {
    async publish(topicMessages) {
      try {
        const transaction = await producer.transaction();
        await transaction.sendBatch({ topicMessages, acks: -1, timeout: 10_000 });
        await transaction.commit();
      } catch (error) {
        throw fencedOr(error);
      }
    },
    close: () => producer.disconnect(),
  };
}

function fencedOr(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    // kafkajs is CommonJS and does not give its error classes to an import by name.
    if (fencedTypes.has((cause as { type?: string }).type ?? '')) return new Fenced('Fenced', { cause: error });
  }
  return error;
}
