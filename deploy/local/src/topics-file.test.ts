import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readTopicsFile } from './topics-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'bankcrm-topics-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('names every field that a topic leaves to a default', () => {
  const path = join(dir, 'topics.yaml');
  writeFileSync(
    path,
    `topics:
  - { name: a.v1, owner: x, key: k, value: v, description: d, partitions: { local: 12 }, config: { cleanup.policy: delete, retention.ms: -1 } }
  - { name: b.v1, key: k, value: v, description: d, partitions: { local: 12, production: 48 }, config: { cleanup.policy: delete, retention.ms: -1, max.message.bytes: 1 } }
`,
  );
  expect(() => readTopicsFile(path)).toThrow(
    expect.objectContaining({
      message: `${path} lacks:\n  a.v1: partitions.production\n  a.v1: config.max.message.bytes\n  b.v1: owner`,
    }),
  );
});

// spec/core-banking.md: "12 locally, 48 in production", "max.message.bytes is 2 MiB", "Topics that hold transactions or several values per key are never compacted".
it('keeps the contract with core banking', () => {
  const { topics } = readTopicsFile();
  const contract = topics.filter((topic) => topic.name.startsWith('corebanking.'));
  expect(contract.map((topic) => topic.name).sort()).toEqual([
    'corebanking.accounts.v1',
    'corebanking.control.v1',
    'corebanking.customers.v1',
    'corebanking.limit-commands.v1',
    'corebanking.limit-results.v1',
    'corebanking.rates.v1',
    'corebanking.sync-requests.v1',
    'corebanking.transactions.v1',
  ]);
  for (const topic of contract) {
    expect(topic).toMatchObject({ partitions: { local: 12, production: 48 } });
    expect(topic.config['cleanup.policy']).toBe('delete');
    expect(Number(topic.config['max.message.bytes'])).toBe(2 * 1024 * 1024);
  }
});

// spec/access.md: "a topic with unlimited retention".
it('keeps audit entries for ever', () => {
  const entries = readTopicsFile().topics.find((topic) => topic.name === 'bankcrm.audit.v1.entries');
  expect(entries?.config).toMatchObject({ 'cleanup.policy': 'delete', 'retention.ms': -1, 'retention.bytes': -1 });
});
