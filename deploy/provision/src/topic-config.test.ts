import { describe, expect, it } from 'vitest';
import { readTopics, topicConfig } from './topic-config.ts';

describe('a topic', () => {
  // Kafka's documentation of topic configs: https://kafka.apache.org/documentation/#topicconfigs
  it.each([
    ['newest', { 'cleanup.policy': 'compact', 'retention.ms': '-1' }],
    ['for-ever', { 'cleanup.policy': 'delete', 'retention.ms': '-1' }],
    [{ days: 90 }, { 'cleanup.policy': 'delete', 'retention.ms': '7776000000' }],
  ] as const)('that keeps %o is told so', (keep, config) => {
    expect(topicConfig({ name: 'bankcrm.a.v1.b', keep }, 'local').config).toMatchObject({ ...config, 'retention.bytes': '-1' });
  });

  it('has its partitions and copies by the cluster', () => {
    const of = (profile: 'local' | 'production') => topicConfig({ name: 'bankcrm.a.v1.b', keep: 'newest' }, profile);
    expect(of('local')).toMatchObject({ partitions: 12, replicationFactor: 1, config: { 'min.insync.replicas': '1' } });
    expect(of('production')).toMatchObject({ partitions: 48, replicationFactor: 3, config: { 'min.insync.replicas': '2' } });
  });
});

// The contract with core banking: 12 partitions locally, 48 in production, messages up to 2 MiB; topics that hold transactions, or several
// values of a key, are never compacted.
it('keeps the contract with core banking', () => {
  const contract = readTopics().filter(({ name }) => name.startsWith('corebanking.'));
  expect(contract.map((topic) => topic.name).sort()).toEqual([
    'corebanking.accounts.v1',
    'corebanking.control.v1',
    'corebanking.customers.v1',
    'corebanking.limit-commands.v1',
    'corebanking.limit-results.v1',
    'corebanking.products.v1',
    'corebanking.rates.v1',
    'corebanking.sync-requests.v1',
    'corebanking.transactions.v1',
  ]);
  for (const topic of contract) {
    const { config } = topicConfig(topic, 'production');
    expect(config).toMatchObject({ 'cleanup.policy': 'delete', 'message.timestamp.type': 'LogAppendTime' });
    expect(Number(config['max.message.bytes'])).toBe(2 * 1024 * 1024);
  }
});

it('keeps audit entries for ever', () => {
  const entries = readTopics().find(({ name }) => name === 'bankcrm.audit.v1.entries')!;
  expect(topicConfig(entries, 'production').config).toMatchObject({
    'cleanup.policy': 'delete',
    'retention.ms': '-1',
    'retention.bytes': '-1',
  });
});
