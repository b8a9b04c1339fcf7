import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ensureTopics } from '@bankcrm/local';
import { type BankMessage, publish, simulate } from '@bankcrm/simulator';
import { eventually, suitePrefix, testStack } from '@bankcrm/testing';
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import { beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const { brokers } = testStack().kafka;
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });

type Received = { topic: string; partition: number; message: KafkaMessage };

async function freshTopics(): Promise<string> {
  const prefix = suitePrefix();
  await ensureTopics({ brokers, profile: 'local', prefix });
  return prefix;
}

/** Reads the topics of a prefix until `count` messages are there. */
async function receive(prefix: string, count: number): Promise<Received[]> {
  const consumer = kafka.consumer({ groupId: `${prefix}reader` });
  const received: Received[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({
      topics: ['customers', 'accounts', 'transactions', 'rates', 'products', 'control'].map(
        (t) => `${prefix}corebanking.${t}.v1`,
      ),
      fromBeginning: true,
    });
    await consumer.run({ eachMessage: async (payload) => void received.push(payload) });
    await eventually(() => expect(received.length).toBeGreaterThanOrEqual(count), { timeoutMs: 30_000 });
    return received;
  } finally {
    await consumer.disconnect();
  }
}

const idOf = ({ message }: Received) => String(message.headers?.ce_id);

describe('publish', () => {
  const sent: BankMessage[] = [...simulate({ customers: 60, months: 2 })];
  let received: Received[];
  let prefix: string;

  beforeAll(async () => {
    prefix = await freshTopics();
    await publish(sent, { brokers, prefix });
    received = await receive(prefix, sent.length);
  });

  it('delivers every message once with its key, headers and bytes', () => {
    expect(received.length).toBe(sent.length);
    const byId = new Map(received.map((r) => [idOf(r), r]));
    for (const { topic, key, value, headers } of sent) {
      const { message, topic: where } = byId.get(headers.ce_id as string) as Received;
      expect(where).toBe(prefix + topic);
      expect(message.key?.toString()).toBe(key);
      expect(message.value?.equals(value)).toBe(true);
      expect(Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, text]) => [name, String(text)]))).toEqual(
        headers,
      );
    }
  });

  it('keeps all of a customer on one partition number, in the order sent', () => {
    for (const own of Map.groupBy(received, (r) => String(r.message.key)).values()) {
      if (own[0]?.topic.includes('rates') || own[0]?.topic.includes('products') || own[0]?.topic.includes('control')) continue;
      expect(new Set(own.map((r) => r.partition)).size).toBe(1);
    }
    const order = (list: readonly string[]) => list.filter((id) => id.startsWith('transaction-1000000003-'));
    expect(order(received.map(idOf))).toEqual(order(sent.map((m) => m.headers.ce_id as string)));
  });

  it('keeps to the rate asked for', async () => {
    const { elapsedMs, messages } = await publish(sent.slice(0, 100), { brokers, prefix, rate: 200 });
    expect(messages).toBe(100);
    // 100 messages at 200 a second take half a second.
    expect(elapsedMs).toBeGreaterThanOrEqual(499);
    expect(elapsedMs).toBeLessThan(3_000);
  });

  it('names a topic that does not exist instead of making it', async () => {
    await expect(publish(sent, { brokers, prefix: 'absent.' })).rejects.toThrow(
      /topic absent\.corebanking\.rates\.v1 does not exist/,
    );
  });
});

describe('the command', () => {
  it('goes on after the load with --live and ends cleanly on SIGINT', async () => {
    const prefix = await freshTopics();
    const args = [
      '--customers',
      '20',
      '--months',
      '1',
      '--brokers',
      brokers.join(','),
      '--prefix',
      prefix,
      '--live',
      '--rate',
      '400',
    ];
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    try {
      await eventually(() => expect(output).toContain('live: 400 messages/s'), { timeoutMs: 30_000 });
      const load = [...simulate({ customers: 20, months: 1 })];
      const known = new Set(load.map((m) => m.headers.ce_id));
      const news = (await receive(prefix, load.length + 10)).filter((r) => !known.has(idOf(r)));
      expect(news.length).toBeGreaterThanOrEqual(10);
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      expect(code).toBe(0);
      expect(output).toMatch(/stopped: \d+ messages/);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
