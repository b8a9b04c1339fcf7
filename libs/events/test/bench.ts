import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { columns, openPool, type Tx } from '@bankcrm/database';
import { systemClock } from '@bankcrm/kernel';
import { createServiceDatabase, inDatabase, type Stack } from '@bankcrm/local';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import pg from 'pg';
import {
  type Apply,
  type ConsumerLimits,
  type ConsumerOptions,
  type Decode,
  decoded,
  type EventConsumer,
  isRejected,
  type Log,
  migrateEvents,
  type RawMessage,
  type Rejected,
  readCloudEvent,
  rejected,
  type Sealer,
  startConsumer,
} from '../src/index.ts';

/** What the tests' messages say: an account gets an amount. */
export interface Booking {
  id: string;
  account: string;
  amount: number;
  event: string;
}

export const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** AES-256-GCM with the context as authenticated data, as a service would. */
export function testSealer(key: Buffer = Buffer.alloc(32, 7)): Sealer {
  return {
    seal(context, plain) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
    },
    open(context, sealed) {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12))
        .setAAD(Buffer.from(context))
        .setAuthTag(sealed.subarray(12, 28));
      return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
    },
  };
}

export const decodeBooking: Decode<Booking> = (raw) => {
  const event = readCloudEvent(raw);
  if (isRejected(event)) return event;
  if (raw.key === null) return rejected(raw, 'MISSING_KEY');
  let body: { id?: unknown; account?: unknown; amount?: unknown };
  try {
    body = JSON.parse(raw.value?.toString() ?? '');
  } catch {
    return rejected(raw, 'BAD_JSON');
  }
  if (typeof body.id !== 'string') return rejected(raw, 'INVALID_FIELD', 'id');
  if (typeof body.account !== 'string') return rejected(raw, 'INVALID_FIELD', 'account');
  if (typeof body.amount !== 'number') return rejected(raw, 'INVALID_FIELD', 'amount');
  return decoded(raw, { id: body.id, account: body.account, amount: body.amount, event: event.id });
};

/**
 * Adds each amount to its account without asking whether it was added before, and notes each message: an effect that happens twice shows,
 * however it came about. Only `booking` knows repeated ids, as a service's tables would.
 */
export const applyBookings: Apply<Booking> = async (tx, items) => {
  const refused: Rejected[] = items.filter(({ value }) => value.account === 'closed').map(({ raw }) => rejected(raw, 'ACCOUNT_CLOSED', 'account'));
  const accepted = items.filter(({ value }) => value.account !== 'closed');
  await tx.query(
    `WITH new AS (
       INSERT INTO booking (id, account, amount)
       SELECT DISTINCT ON (id) id, account, amount FROM unnest($1::text[], $2::text[], $3::int8[]) AS row (id, account, amount)
       ON CONFLICT DO NOTHING RETURNING account, amount)
     INSERT INTO account (name, balance) SELECT account, sum(amount) FROM new GROUP BY account ORDER BY account
     ON CONFLICT (name) DO UPDATE SET balance = account.balance + excluded.balance`,
    [
      columns.texts(accepted.map(({ value }) => value.id)),
      columns.texts(accepted.map(({ value }) => value.account)),
      columns.int8s(accepted.map(({ value }) => BigInt(value.amount))),
    ],
  );
  await noteSeen(tx, accepted.map(({ raw }) => raw));
  return refused;
};

async function noteSeen(tx: Tx, messages: readonly RawMessage[]): Promise<void> {
  await tx.query(`INSERT INTO seen (topic, partition, "offset") SELECT * FROM unnest($1::text[], $2::int4[], $3::int8[])`, [
    columns.texts(messages.map((raw) => raw.topic)),
    columns.int4s(messages.map((raw) => raw.partition)),
    columns.int8s(messages.map((raw) => raw.offset)),
  ]);
}

const schema = `
  CREATE TABLE booking (id text PRIMARY KEY, account text NOT NULL, amount bigint NOT NULL CHECK (amount <> 666));
  CREATE TABLE account (name text PRIMARY KEY, balance bigint NOT NULL);
  CREATE TABLE seen (topic text, partition int, "offset" bigint);
  GRANT ALL ON ALL TABLES IN SCHEMA public TO customer_worker;`;

/** Waits for a fact. */
export async function eventually<T>(probe: () => Promise<T> | T, { timeoutMs = 20_000 } = {}): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** A database and a topic that nobody else uses, and the means to fill and watch them. */
export async function openBench(stack: Stack, { partitions = 1, config = {} as Record<string, string> } = {}) {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  const { superuserUrl } = stack.postgres;
  await createServiceDatabase(superuserUrl, 'customer', name);
  const urls = {
    owner: inDatabase(stack.databases.customer.owner, name),
    request: inDatabase(stack.databases.customer.request, name),
    worker: inDatabase(stack.databases.customer.worker, name),
    superuser: inDatabase(superuserUrl, name),
  };
  await migrateEvents({ ownerUrl: urls.owner, requestRole: 'customer_request', workerRole: 'customer_worker' });
  const owner = openPool({ url: urls.owner, name: 'test owner', maxConnections: 2, statementTimeoutMs: 20_000 });
  await owner.query(schema);
  const worker = openPool({ url: urls.worker, name: 'test worker', maxConnections: 8, statementTimeoutMs: 20_000 });
  const request = openPool({ url: urls.request, name: 'test request', maxConnections: 2, statementTimeoutMs: 20_000 });

  const prefix = `${name}.`;
  const topic = 'bookings';
  const kafka = new Kafka({ clientId: 'test', brokers: stack.kafka.brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await createTopic(topic, partitions, config);
  const producer: Producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const started: EventConsumer[] = [];

  async function createTopic(topicName: string, numPartitions: number, entries: Record<string, string> = {}) {
    const configEntries = Object.entries(entries).map(([key, value]) => ({ name: key, value }));
    // kafkajs's own wait for leaders fails where the broker does not know the topic yet.
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: prefix + topicName, numPartitions, configEntries }] });
    await eventually(() => admin.fetchTopicOffsets(prefix + topicName));
  }

  function options(overrides: Partial<ConsumerOptions<Booking>> & { limits?: Partial<ConsumerLimits> } = {}): ConsumerOptions<Booking> {
    return {
      kafka: { brokers: stack.kafka.brokers, clientId: 'test' },
      group: 'sync',
      topics: [topic],
      topicPrefix: prefix,
      workerPool: worker,
      sealer: testSealer(),
      clock: systemClock,
      log: silent,
      decode: decodeBooking,
      apply: applyBookings,
      ...overrides,
      limits: { sessionTimeoutMs: 6_000, maxWaitMs: 50, resumeCheckMs: 50, checkMs: 200, maxBackoffMs: 500, ...overrides.limits },
    };
  }

  const count = async (sql: string): Promise<number> => Number((await worker.query(`SELECT count(*)::int AS n FROM ${sql}`)).rows[0].n);

  return {
    stack,
    urls,
    owner,
    worker,
    request,
    admin,
    producer,
    kafka,
    prefix,
    topic,
    createTopic,
    options,
    count,
    /** Starts a consumer that ends with the bench. */
    consume(overrides: Partial<ConsumerOptions<Booking>> & { limits?: Partial<ConsumerLimits> } = {}): EventConsumer {
      const consumer = startConsumer(options(overrides));
      started.push(consumer);
      return consumer;
    },
    async send(messages: readonly TestMessage[], partition?: number) {
      await producer.send({
        topic: prefix + topic,
        messages: messages.map((message) => ({ ...message, ...(partition === undefined ? {} : { partition }) })),
      });
    },
    async nextOffsets(group = 'sync'): Promise<bigint[]> {
      const { rows } = await worker.query('SELECT next_offset FROM events.kafka_offset WHERE consumer_group = $1 ORDER BY partition', [group]);
      return rows.map((row) => row.next_offset);
    },
    async balances(): Promise<Record<string, number>> {
      const { rows } = await worker.query('SELECT name, balance FROM account ORDER BY name');
      return Object.fromEntries(rows.map((row) => [row.name, Number(row.balance)]));
    },
    async close() {
      await Promise.all(started.map((consumer) => consumer.stop()));
      await Promise.all([producer.disconnect(), worker.end(), request.end(), owner.end()]);
      await admin.disconnect();
      const client = new pg.Client({ connectionString: superuserUrl });
      await client.connect();
      await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await client.end();
    },
  };
}

export type Bench = Awaited<ReturnType<typeof openBench>>;

export interface TestMessage {
  key: string | null;
  value: string | Buffer | null;
  headers: Record<string, string>;
}

export const headersOf = (id: string, source = 'core'): Record<string, string> => ({
  ce_specversion: '1.0',
  ce_id: id,
  ce_source: `/corebanking/${source}`,
  ce_type: 'test.Booked',
  'content-type': 'application/json',
});

/** A good message. */
export function booking(id: string, account: string, amount: number, source = 'core'): TestMessage {
  return { key: account, value: JSON.stringify({ id, account, amount }), headers: headersOf(id, source) };
}

/** `count` bookings of 1 over ten accounts, and what the accounts must hold afterwards. */
export function manyBookings(count: number, from = 0): { messages: TestMessage[]; balances: Record<string, number> } {
  const balances: Record<string, number> = {};
  const messages = Array.from({ length: count }, (_, index) => {
    const account = `account-${(from + index) % 10}`;
    balances[account] = (balances[account] ?? 0) + 1;
    return booking(`b${from + index}`, account, 1);
  });
  return { messages, balances };
}
