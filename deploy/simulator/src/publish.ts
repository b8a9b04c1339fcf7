import { CompressionTypes, Kafka, type KafkaConfig, logLevel, Partitioners, type Producer } from 'kafkajs';
import { type BankMessage, kinds } from './messages/encode.ts';
import { UsageError } from './usage-error.ts';

export type PublishOptions = {
  /** `host:port`, one or more. */
  brokers: readonly string[];
  /** How to speak to them; plainly by default. */
  access?: Pick<KafkaConfig, 'ssl' | 'sasl'>;
  /** Put before every topic's name, so that several banks can share a broker. */
  prefix?: string;
  /** Messages per second; 0 = as fast as the broker takes them. */
  rate?: number;
  /** Stops after the batch in hand; what was sent so far is the result. */
  signal?: AbortSignal;
  /** Called after every batch. */
  onProgress?: (progress: Progress) => void;
};

export type Progress = { messages: number; bytes: number; elapsedMs: number };

const BATCH_MESSAGES = 2_000;
/** Brokers take 2 MiB per record batch (`max.message.bytes` of the contract); one 1 MiB message may come on top of this. */
const BATCH_BYTES = 800_000;
/** What headers, key and framing add to a value; an upper estimate. */
const OVERHEAD_BYTES = 350;
const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** The longest sleep at a set rate, so that a stop is felt soon. */
const LONGEST_PAUSE_MS = 200;

/**
 * Sends messages in the order given, a bounded batch at a time, each acknowledged by all replicas before the next begins.
 * The default partitioner is murmur2 over the key, as Java's. Throws `UsageError` when no broker answers or a topic is missing.
 */
export async function publish(
  messages: Iterable<BankMessage> | AsyncIterable<BankMessage>,
  options: PublishOptions,
): Promise<Progress> {
  // Connected with the first batch: a stream that cannot begin says its own reason, not that of a broker.
  let link: Link | undefined;
  const started = performance.now();
  const prefix = options.prefix ?? '';
  const sent: Progress = { messages: 0, bytes: 0, elapsedMs: 0 };
  const flush = async (batch: readonly BankMessage[]) => {
    link ??= await connect(options);
    for (const { topic } of batch) if (!link.topics.has(prefix + topic)) throw missing(prefix + topic, options.brokers);
    await link.producer.sendBatch({ topicMessages: byTopic(batch, prefix), acks: -1, compression: CompressionTypes.None });
    sent.messages += batch.length;
    for (const { value } of batch) sent.bytes += value.length;
    sent.elapsedMs = performance.now() - started;
    options.onProgress?.({ ...sent });
    await pace(sent, started, options);
  };
  // At a set rate a batch is a tenth of a second's worth, so that the flow is even.
  const batchMessages = options.rate ? Math.max(1, Math.min(BATCH_MESSAGES, Math.floor(options.rate / 10))) : BATCH_MESSAGES;
  try {
    let batch: BankMessage[] = [];
    let bytes = 0;
    const send = async () => {
      if (batch.length > 0) await flush(batch);
      batch = [];
      bytes = 0;
    };
    for await (const message of messages) {
      if (options.signal?.aborted) break;
      // Control totals go out when all that they count is acknowledged.
      if (message.topic === kinds.control.topic) await send();
      batch.push(message);
      bytes += message.value.length + OVERHEAD_BYTES;
      if (batch.length >= batchMessages || bytes >= BATCH_BYTES) await send();
    }
    await send();
    return { ...sent, elapsedMs: performance.now() - started };
  } finally {
    await link?.producer.disconnect();
  }
}

type Link = { producer: Producer; topics: ReadonlySet<string> };

async function connect({ brokers, access }: PublishOptions): Promise<Link> {
  const kafka = new Kafka({
    clientId: 'core-bank-simulator',
    brokers: [...brokers],
    ...access,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: logLevel.NOTHING,
    // For finding a broker, which a wrong address never will: soon said.
    retry: { initialRetryTime: 200, retries: 3 },
  });
  // A topic made a moment ago may be some seconds without leaders.
  const admin = kafka.admin({ retry: { initialRetryTime: 200, retries: 3 } });
  // Idempotent: a retry inside the client neither doubles nor reorders; one request in flight keeps the order across batches.
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, retries: 8 },
  });
  try {
    await admin.connect();
    const topics = new Set(await admin.listTopics());
    await producer.connect();
    return { producer, topics };
  } catch (cause) {
    await producer.disconnect();
    throw new UsageError(
      `no Kafka broker answers at ${brokers.join(', ')}. Start the stack (npm start), or name other brokers with --brokers.`,
      { cause },
    );
  } finally {
    await admin.disconnect();
  }
}

function missing(topic: string, brokers: readonly string[]): UsageError {
  return new UsageError(`topic ${topic} does not exist at ${brokers.join(', ')}. Create the topics first, or change --prefix.`);
}

function byTopic(batch: readonly BankMessage[], prefix: string) {
  return [...Map.groupBy(batch, (message) => message.topic)].map(([topic, messages]) => ({
    topic: prefix + topic,
    messages: messages.map(({ key, value, headers }) => ({ key, value, headers })),
  }));
}

/** Waits until the time that so many messages should have taken. */
async function pace(sent: Progress, started: number, { rate, signal }: PublishOptions): Promise<void> {
  if (!rate) return;
  const dueMs = started + (sent.messages / rate) * 1_000;
  while (performance.now() < dueMs && !signal?.aborted)
    await new Promise((resolve) => setTimeout(resolve, Math.min(dueMs - performance.now(), LONGEST_PAUSE_MS)));
}
