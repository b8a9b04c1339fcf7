import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { databaseOf, inDatabase } from './databases.ts';
import { readJson, writePrivateJson } from './files.ts';
import { layout, nodeBinary, repositoryRoot } from './paths.ts';
import { StackProblem } from './problem.ts';
import { demoBankFile } from './services.ts';
import type { Stack } from './stack.ts';
import { eventually } from './wait.ts';

const demo = { customers: 2_000, months: 6, seed: 42 };
/** For whoever goes on with this bank where the load ends: other numbers make another bank, with other balances in the same accounts. */
export const demoArguments = Object.entries(demo).flatMap(([name, value]) => [`--${name}`, String(value)]);
const publishTimeoutMs = 300_000;
const syncTimeoutMs = 300_000;

/** What the customer service consumes of a core bank. */
const consumedTopics = [
  'corebanking.customers.v1',
  'corebanking.accounts.v1',
  'corebanking.transactions.v1',
  'corebanking.rates.v1',
];

const simulator = join(repositoryRoot, 'deploy', 'simulator', 'src', 'main.ts');

/**
 * Loads the demo bank through Kafka, once for the life of the data: the simulator publishes, and this waits until the customer service has
 * taken everything. Cut short, it is done again at the next start; the same seed gives the same messages, which change nothing twice.
 * Returns false where there was nothing to do.
 */
export async function loadDemo(stack: Stack, onProgress: (text: string) => void, signal?: AbortSignal): Promise<boolean> {
  const stamp = layout(stack.dir).demoStamp;
  if (readJson(stamp) !== undefined) return false;
  if (!existsSync(simulator)) return false;
  await publish(stack, onProgress, signal);
  await untilSynced(stack, onProgress, signal);
  writePrivateJson(stamp, { ...demo, loadTime: new Date().toISOString() });
  return true;
}

async function publish(stack: Stack, onProgress: (text: string) => void, signal?: AbortSignal): Promise<void> {
  const target = ['--brokers', stack.kafka.brokers.join(','), '--prefix', stack.topicPrefix, '--bank', demoBankFile];
  const child = spawn(nodeBinary, ['--disable-warning=TimeoutNegativeWarning', simulator, ...demoArguments, ...target], {
    cwd: repositoryRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: publishTimeoutMs,
    detached: true,
    ...(signal === undefined ? {} : { signal }),
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4_000);
  });
  createInterface(child.stdout).on('line', (line) => onProgress(`demo bank: ${line}`));
  const code = await ended;
  signal?.throwIfAborted();
  if (code !== 0) throw new StackProblem(`The simulator could not publish the demo bank:\n${errors.trim()}`);
}

/** Waits until PostgreSQL's offsets (the truth about what is applied) have reached the ends of the topics. */
async function untilSynced(stack: Stack, onProgress: (text: string) => void, signal?: AbortSignal): Promise<void> {
  const ends = await topicEnds(stack);
  const client = new pg.Client({
    connectionString: inDatabase(stack.postgres.superuserUrl, databaseOf('customer')),
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  await client.connect();
  try {
    let reported = 0;
    await eventually(
      async () => {
        const left = await messagesLeft(client, ends);
        if (left === 0) return true;
        if (performance.now() - reported > 2_000) {
          reported = performance.now();
          onProgress(`customer service: ${left.toLocaleString('en')} messages left`);
        }
        return false;
      },
      { timeoutMs: syncTimeoutMs, what: 'the customer service to take the demo bank in', everyMs: 250, signal },
    );
  } finally {
    await client.end();
  }
}

type End = { topic: string; partition: number; low: bigint; end: bigint };

async function topicEnds(stack: Stack): Promise<End[]> {
  const kafka = new Kafka({
    clientId: 'local-demo',
    brokers: stack.kafka.brokers,
    connectionTimeout: 5_000,
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = consumedTopics.map((topic) => `${stack.topicPrefix}${topic}`);
    const perTopic = await Promise.all(topics.map(async (topic) => ({ topic, offsets: await admin.fetchTopicOffsets(topic) })));
    return perTopic.flatMap(({ topic, offsets }) =>
      offsets.map(({ partition, low, high }) => ({ topic, partition, low: BigInt(low), end: BigInt(high) })),
    );
  } finally {
    await admin.disconnect();
  }
}

async function messagesLeft(client: pg.Client, ends: End[]): Promise<number> {
  const { rows } = await client.query<{ topic: string; partition: number; next_offset: string }>(
    'select topic, partition, min(next_offset) as next_offset from events.kafka_offset group by topic, partition',
  );
  const next = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, BigInt(row.next_offset)]));
  let left = 0n;
  for (const { topic, partition, low, end } of ends) {
    const position = next.get(`${topic}/${partition}`) ?? low;
    if (position < end) left += end - position;
  }
  return Number(left);
}
