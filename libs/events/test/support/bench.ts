import { randomUUID } from 'node:crypto';
import { openPool } from '@bankcrm/database';
import { systemClock } from '@bankcrm/kernel';
import { createServiceDatabase, databasesOf, inDatabase, manifestOf, type Stack } from '@bankcrm/local';
import { eventually as patiently } from '@bankcrm/testing';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import pg from 'pg';
import {
  type ConsumerLimits,
  type ConsumerOptions,
  type EventConsumer,
  type Log,
  migrateEvents,
  startConsumer,
} from '../../src/index.ts';
import { applyBookings, type Booking, decodeBooking, type TestMessage, testSealer } from './booking.ts';

const write = process.env.EVENTS_TEST_LOG ? (fields: object, message: string) => console.log(message, fields) : () => {};
/** Silent unless EVENTS_TEST_LOG is set. */
export const silent: Log = { info: write, warn: write, error: write };

const schema = `
  CREATE TABLE booking (id text PRIMARY KEY, account text NOT NULL, amount bigint NOT NULL CHECK (amount <> 666));
  CREATE TABLE account (name text PRIMARY KEY, balance bigint NOT NULL);
  CREATE TABLE seen (topic text, partition int, "offset" bigint);
  GRANT ALL ON ALL TABLES IN SCHEMA public TO customer_worker;`;

/** Waits for a fact; longer than elsewhere, for a group takes seconds to notice that a member is dead. */
export const eventually = <T>(check: () => T | Promise<T>, { timeoutMs = 25_000 } = {}): Promise<T> =>
  patiently(check, { timeoutMs });

/** A database and a topic that nobody else uses, and the means to fill and watch them. */
export async function openBench(stack: Stack, { partitions = 1, config = {} as Record<string, string> } = {}) {
  const name = `bench_${randomUUID().replaceAll('-', '')}`;
  const { superuserUrl } = stack.postgres;
  await createServiceDatabase(superuserUrl, manifestOf('customer'), name);
  const service = databasesOf(stack, 'customer');
  const urls = {
    owner: inDatabase(service.owner, name),
    request: inDatabase(service.request, name),
    worker: inDatabase(service.worker, name),
    superuser: inDatabase(superuserUrl, name),
  };
  await migrateEvents({ ownerUrl: urls.owner, requestRole: 'customer_request', workerRole: 'customer_worker' });
  const owner = openPool({ url: urls.owner, name: 'test owner', maxConnections: 2, statementTimeoutMs: 20_000 });
  await owner.query(schema);
  const worker = openPool({ url: urls.worker, name: 'test worker', maxConnections: 8, statementTimeoutMs: 20_000 });
  const observer = openPool({ url: urls.worker, name: 'test observer', maxConnections: 2, statementTimeoutMs: 20_000 });
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

  function options(
    overrides: Partial<ConsumerOptions<Booking>> & { limits?: Partial<ConsumerLimits> } = {},
  ): ConsumerOptions<Booking> {
    return {
      kafka: { brokers: stack.kafka.brokers, clientId: 'test' },
      group: 'sync',
      topics: [topic],
      topicPrefix: prefix,
      workers: worker,
      sealer: testSealer(),
      clock: systemClock,
      log: silent,
      decode: decodeBooking,
      apply: applyBookings,
      ...overrides,
      limits: { sessionTimeoutMs: 6_000, maxWaitMs: 50, resumeCheckMs: 50, checkMs: 200, maxBackoffMs: 500, ...overrides.limits },
    };
  }

  const count = async (sql: string): Promise<number> =>
    Number((await observer.query(`SELECT count(*)::int AS n FROM ${sql}`)).rows[0].n);

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
      // kafkajs makes one record batch of all that goes to a partition; the broker takes 2 MiB.
      for (let start = 0; start < messages.length; start += 1_000) {
        await producer.send({
          topic: prefix + topic,
          messages: messages
            .slice(start, start + 1_000)
            .map((message) => ({ ...message, ...(partition === undefined ? {} : { partition }) })),
        });
      }
    },
    /** What a failing network or a failover does. Returns how many there were. */
    async cutConnections(applicationName: string): Promise<number> {
      const client = new pg.Client({ connectionString: urls.superuser });
      await client.connect();
      const sql =
        'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()';
      const { rowCount } = await client.query(sql, [applicationName]);
      await client.end();
      return rowCount ?? 0;
    },
    async nextOffsets(group = 'sync'): Promise<bigint[]> {
      const { rows } = await observer.query(
        'SELECT next_offset FROM events.kafka_offset WHERE consumer_group = $1 ORDER BY partition',
        [group],
      );
      return rows.map((row) => row.next_offset);
    },
    async balances(): Promise<Record<string, number>> {
      const { rows } = await observer.query('SELECT name, balance FROM account ORDER BY name');
      return Object.fromEntries(rows.map((row) => [row.name, Number(row.balance)]));
    },
    async close() {
      await Promise.all(started.map((consumer) => consumer.stop()));
      await Promise.all([producer.disconnect(), worker.end(), observer.end(), request.end(), owner.end()]);
      await admin.disconnect();
      const client = new pg.Client({ connectionString: superuserUrl });
      await client.connect();
      await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await client.end();
    },
  };
}

export type Bench = Awaited<ReturnType<typeof openBench>>;
