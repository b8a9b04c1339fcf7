import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { databasesOf, freePortBase, type RunningStack, readStack, startServers } from '../src/index.ts';
import { isRunning, kafka, makeUser, passwordGrant, query, type TempDir, tempDir, withAdmin } from './support.ts';

const right = 'Correct-horse-7-battery';

let dir: TempDir;
let stack: RunningStack;

beforeAll(async () => {
  dir = await tempDir();
  stack = await startServers({ dir: dir.path, portBase: await freePortBase() });
}, 600_000);
afterAll(async () => {
  await stack?.stop();
  dir?.remove();
}, 60_000);

it('has every topic that a manifest or the contract declares and no other, with its partitions and its limits', async () => {
  // Read with the yaml library, not through the code under test.
  const root = join(import.meta.dirname, '..', '..', '..');
  type Keep = 'newest' | 'for-ever' | { days: number };
  const read = (path: string) => parse(readFileSync(join(root, path), 'utf8'));
  const contract = (read('deploy/kafka/contract-topics.yaml') as { topics: { name: string; keep: Keep }[] }).topics;
  const own = readdirSync(join(root, 'services')).flatMap((service) =>
    Object.entries((read(`services/${service}/service.yaml`) as { publishes?: Record<string, { keep: Keep }> }).publishes ?? {}),
  );
  const declared = new Map([
    ...contract.map(({ name, keep }) => [name, keep] as const),
    ...own.map(([name, { keep }]) => [name, keep] as const),
  ]);
  await withAdmin(stack, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata();
    const mine = topics.filter((topic) => !topic.name.startsWith('__'));
    expect(mine.map((topic) => topic.name).sort()).toEqual([...declared.keys()].sort());
    expect(new Set(mine.map((topic) => topic.partitions.length))).toEqual(new Set([12]));
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [...declared.keys()].map((name) => ({ type: 2, name })),
    });
    for (const [name, keep] of declared) {
      const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
      const actual = Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
      expect({ name, ...actual }).toMatchObject({
        name,
        'cleanup.policy': keep === 'newest' ? 'compact' : 'delete',
        'retention.ms': typeof keep === 'string' ? '-1' : String(keep.days * 86_400_000),
        'max.message.bytes': '2097152',
        'message.timestamp.type': name.startsWith('corebanking.') ? 'LogAppendTime' : 'CreateTime',
      });
    }
  });
});

it('keeps secrets in files that only their owner can read', () => {
  for (const file of ['stack.json', 'secrets.json', 'keys/customer.json', 'keys/directory.json']) {
    expect({ file, mode: statSync(join(dir.path, file)).mode & 0o777 }).toEqual({ file, mode: 0o600 });
  }
});

it('keeps its data over a restart, and stops without leaving a process', { timeout: 300_000 }, async () => {
  await makeUser(stack, '200020', right);
  await query(databasesOf(stack, 'customer').owner, 'create table kept (note text); insert into kept values ($$still here$$)');
  const producer = kafka(stack).producer();
  await producer.connect();
  await producer.send({ topic: 'corebanking.rates.v1', messages: [{ key: 'USD/CNY', value: 'still here' }] });
  await producer.disconnect();
  const before = pidsOf(dir.path);
  expect(before).toHaveLength(3);

  await stack.stop();
  expect(before.filter(isRunning)).toEqual([]);
  expect(pidsOf(dir.path)).toEqual([]);
  const secrets = stack.clients;

  const second = await freePortBase();
  stack = await startServers({ dir: dir.path, portBase: second });
  expect(stack.clients).toEqual(secrets);
  expect(readStack(dir.path).portBase).toBe(second);
  expect((await passwordGrant(stack, '200020', right)).status).toBe(200);
  expect((await query(databasesOf(stack, 'customer').owner, 'select note from kept')).rows).toEqual([{ note: 'still here' }]);
  await withAdmin(stack, async (admin) => {
    const offsets = await admin.fetchTopicOffsets('corebanking.rates.v1');
    expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(1);
  });
});

/** The servers of a stack, found from outside: processes whose command line names its directory. */
function pidsOf(path: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return /(postgres|java)$/.test(command[0] ?? '') && command.some((word) => word.includes(path));
      } catch {
        return false;
      }
    })
    .map(Number);
}
