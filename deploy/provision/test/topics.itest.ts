import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '@bankcrm/manifest';
import { eventually, suitePrefix, testStack } from '@bankcrm/testing';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { ensureTopics } from '../src/ensure-topics.ts';

const { brokers } = testStack().kafka;

describe('the topics', () => {
  it('are made with as many copies as one broker can hold, once', async () => {
    const prefix = suitePrefix();
    const ensure = (replication?: number) => ensureTopics({ brokers, profile: 'local', prefix, replication });
    await expect(ensure(3)).rejects.toThrow('Each topic is to have 3 copies and the cluster has 1 brokers; give --replication.');
    expect(await ensureTopics({ brokers, profile: 'local', prefix, dryRun: true })).toEqual(await ensure(1));
    expect(await ensure(1)).toEqual([]);
  });

  it('keep a partition too many, and refuse to have fewer', async () => {
    const prefix = suitePrefix();
    const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const topic = `${prefix}corebanking.rates.v1`;
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 13, replicationFactor: 1 }] });
    await eventually(() => admin.fetchTopicOffsets(topic));
    await expect(ensureTopics({ brokers, profile: 'local', prefix })).rejects.toThrow('13 there, 12 declared');
    await admin.disconnect();
  });

  it('are made by the command through TLS and a password, and refused without the password', async () => {
    const { caFile, kafka } = testStack().tls!;
    const run = (env: Record<string, string>, ...args: string[]) =>
      promisify(execFile)(process.execPath, [join(repositoryRoot, 'deploy/provision/src/main.ts'), 'topics', ...args], {
        env: { PATH: process.env.PATH, KAFKA_BROKERS: kafka.brokers.join(), KAFKA_TLS_CA_FILE: caFile, ...env },
      });
    const signIn = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: kafka.username };
    const args = ['--profile', 'local', '--prefix', suitePrefix(), '--dry-run'];
    const { stdout } = await run({ ...signIn, KAFKA_SASL_PASSWORD_FILE: kafka.passwordFile }, ...args);
    expect(stdout).toMatch(/^would be: \S+corebanking\.customers\.v1: created with 12 partitions$/m);
    await expect(run(signIn, ...args)).rejects.toMatchObject({
      stderr: expect.stringMatching(/^KAFKA_SASL_MECHANISM needs .*\n$/),
    });
  });

  it('say where nobody answers', async () => {
    await expect(ensureTopics({ brokers: ['127.0.0.1:1'], profile: 'local' })).rejects.toThrow(
      /^Kafka cannot be used at 127\.0\.0\.1:1: /,
    );
  });
});
