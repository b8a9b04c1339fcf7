import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTransaction, nobody } from '@bankcrm/database';
import { kafkaConnection } from '@bankcrm/service';
import { testStack } from '@bankcrm/testing';
import { openAuthority } from '@bankcrm/testing/certificates.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendToOutbox, type Log, startRelay } from '../src/index.ts';
import { openKafka } from '../src/kafka.ts';
import { type Bench, eventually, openBench, silent } from './support/bench.ts';
import { event } from './support/outbox-events.ts';

describe('Kafka by TLS, with a password', () => {
  const { caFile, kafka } = testStack().tls!;
  const settings = {
    KAFKA_BROKERS: kafka.brokers,
    KAFKA_TOPIC_PREFIX: '',
    KAFKA_TLS_CA_FILE: caFile,
    KAFKA_SASL_MECHANISM: 'scram-sha-512' as const,
    KAFKA_SASL_USERNAME: kafka.username,
    KAFKA_SASL_PASSWORD_FILE: kafka.passwordFile,
  };
  let bench: Bench;
  let dir: string;
  beforeAll(async () => {
    bench = await openBench(testStack());
    dir = mkdtempSync(join(tmpdir(), 'bankcrm-kafka-'));
  });
  afterAll(async () => {
    await bench?.close();
    rmSync(dir, { recursive: true });
  });
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };

  it('takes what the relay sends, and gives it to a consumer', async () => {
    const connection = kafkaConnection(settings, 'customer');
    const payload = Buffer.from(JSON.stringify({ id: 'b1', account: 'a', amount: 5 }));
    await inTransaction(bench.request, nobody, (tx) => appendToOutbox(tx, [event({ payload })]));
    const relay = startRelay({
      kafka: connection,
      service: 'customer',
      databaseUrl: bench.urls.worker,
      log: silent,
      topicPrefix: bench.prefix,
    });
    bench.consume({ kafka: connection });
    try {
      await eventually(async () => expect(await bench.balances()).toEqual({ a: 5 }));
    } finally {
      await relay.stop();
    }
  });

  it('is not spoken to where its certificate is of another CA, nor lets anybody in with a wrong password, which no log repeats', async () => {
    const lines: unknown[] = [];
    const note = (fields: object, message: string): void => void lines.push(fields, message);
    const log: Log = { info: note, warn: note, error: note };
    const connect = async (changed: Partial<typeof settings>): Promise<void> => {
      const admin = openKafka(kafkaConnection({ ...settings, ...changed }, 'test'), log).admin({ retry: { retries: 0 } });
      await admin.connect().finally(() => admin.disconnect());
    };
    await connect({});
    const otherCa = { KAFKA_TLS_CA_FILE: write('ca.pem', openAuthority().ca) };
    await expect(connect(otherCa)).rejects.toThrow(/certificate/);
    const wrong = { KAFKA_SASL_PASSWORD_FILE: write('password', 'canary-4711') };
    await expect(connect(wrong)).rejects.toThrow(/authentication/i);
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines)).not.toContain('canary-4711');
  });
});
