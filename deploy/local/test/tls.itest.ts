import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request } from 'node:https';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { eventually, openAuthority } from '@bankcrm/provision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  databasesOf,
  freePortBase,
  keycloakAdmin,
  launchService,
  placeOf,
  type RunningStack,
  readStack,
  serviceEnv,
  signIn,
  startServers,
} from '../src/index.ts';
import { isFree, portsFrom } from '../src/ports.ts';
import type { RunningService } from '../src/services.ts';
import { demoStaff } from '../src/staff.ts';
import { isRunning, kafka, makeUser, passwordGrant, query, type TempDir, tempDir, withAdmin } from './support.ts';

// One stack for what needs one of its own: by TLS, since those of the run are in the clear.
const right = 'Correct-horse-7-battery';

let dir: TempDir;
let stack: RunningStack;

beforeAll(async () => {
  dir = await tempDir();
  stack = await startServers({ dir: dir.path, portBase: await freePortBase(), tls: true });
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
  const ofServices = ['keys/customer.json', 'keys/directory.json', 'tls/customer-key.pem', 'tls/directory-key.pem'];
  const ofServers = [
    'tls/authority.json',
    'tls/postgres-key.pem',
    'tls/kafka-keystore.pem',
    'tls/kafka-password',
    'run/kafka.properties',
  ];
  for (const file of ['stack.json', 'secrets.json', ...ofServices, ...ofServers]) {
    expect({ file, mode: statSync(join(dir.path, file)).mode & 0o777 }).toEqual({ file, mode: 0o600 });
  }
});

describe('a platform by TLS', () => {
  const services: RunningService[] = [];
  const stranger = openAuthority();
  const ours = () => readFileSync(stack.tls!.caFile, 'utf8');
  const certificateOf = (service: string) => {
    const { certFile, keyFile } = placeOf(stack, service).certificate!;
    return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  };
  beforeAll(async () => {
    services.push(...(await Promise.all(['directory', 'gateway'].map((name) => launchService(name, stack)))));
  }, 120_000);
  afterAll(() => Promise.all(services.map((service) => service.stop())), 60_000);

  it('shows a member of staff through the gateway who he is, to those who believe its authority', async () => {
    const me = demoStaff(stack.dir).find(({ staffNumber }) => staffNumber === '100001')!;
    const admin = await keycloakAdmin(stack);
    const [user] = await eventually(
      async () => {
        const users = await admin<{ id: string }[]>(`/bankcrm/users?exact=true&username=${me.staffNumber}`);
        return users.length > 0 && users;
      },
      { timeoutMs: 60_000, what: 'the directory to make staff known to Keycloak' },
    );
    const body = { type: 'password', value: me.password, temporary: false };
    await admin(`/bankcrm/users/${user!.id}/reset-password`, { method: 'PUT', body });
    const authorization = `Bearer ${await signIn({ ...stack, staff: [me] }, me.staffNumber)}`;
    const reply = await get(`${stack.gateway.url}/v1/me`, ours(), { authorization });
    expect(reply).toMatchObject({ status: 200, body: expect.stringContaining(me.name) });
    await expect(get(`${stack.gateway.url}/v1/me`, stranger.ca, { authorization })).rejects.toThrow(/certificate/);
  });

  it('has services that speak with those alone who show a certificate of its authority', async () => {
    const { port } = placeOf(stack, 'directory');
    expect(await letsIn(port, { ca: ours(), ...certificateOf('gateway') })).toBe(true);
    expect(await letsIn(port, { ca: ours(), ...stranger.issue('gateway') })).toBe(false);
    expect(await letsIn(port, { ca: ours() })).toBe(false);
    expect(await speaksPlainly(port)).toBe(false);
  });

  it('takes nothing in the clear, neither at the gateway nor at Keycloak, PostgreSQL or Kafka', async () => {
    for (const url of [stack.gateway.url, stack.keycloak.issuer])
      await expect(fetch(url.replace('https', 'http')), url).rejects.toThrow();
    const { request: ofService } = databasesOf(stack, 'directory');
    expect((await query(ofService, 'select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows).toEqual([{ ssl: true }]);
    for (const url of [ofService, stack.postgres.superuserUrl])
      await expect(query(url.replace(/\?.*/, ''), 'select')).rejects.toThrow(/no encryption/);
    const { kafka, kafkaController } = portsFrom(stack.portBase);
    expect(await isFree(kafka)).toBe(true);
    // Somebody is there, and lets nobody in without a certificate.
    expect(await isFree(kafkaController)).toBe(false);
    expect(await letsIn(kafkaController, { ca: ours() })).toBe(false);
  });

  it('gives no service an address in the clear', () => {
    for (const service of Object.keys(stack.services)) {
      const env = serviceEnv(service, stack);
      const urls = Object.entries(env).filter(([, value]) => value.includes('://'));
      for (const [name, value] of urls)
        expect({ service, name, encrypted: /^https:|^postgres:.*[?&]sslmode=verify-full&/.test(value) }).toEqual({
          service,
          name,
          encrypted: true,
        });
      const files = ['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CA_FILE', 'KAFKA_TLS_CA_FILE', 'KAFKA_SASL_PASSWORD_FILE'];
      expect(Object.keys(env), service).toEqual(expect.arrayContaining(files));
      expect(urls.length, service).toBeGreaterThan(0);
    }
  });
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
  const authority = readFileSync(stack.tls!.caFile);

  const second = await freePortBase();
  const said: string[] = [];
  stack = await startServers({ dir: dir.path, portBase: second, onProgress: (text) => said.push(text) });
  expect(said).toContainEqual(expect.stringContaining('made with --tls and keeps it'));
  expect(stack.keycloak.issuer).toMatch(/^https:/);
  expect(readFileSync(stack.tls!.caFile)).toEqual(authority);
  expect(stack.clients).toEqual(secrets);
  expect(readStack(dir.path).portBase).toBe(second);
  expect((await passwordGrant(stack, '200020', right)).status).toBe(200);
  expect((await query(databasesOf(stack, 'customer').owner, 'select note from kept')).rows).toEqual([{ note: 'still here' }]);
  await withAdmin(stack, async (admin) => {
    const offsets = await admin.fetchTopicOffsets('corebanking.rates.v1');
    expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(1);
  });
});

/** Status and body of an answer; rejects where the server's certificate is not of that authority. */
const get = (url: string, ca: string, headers: Record<string, string>): Promise<{ status: number | undefined; body: string }> =>
  new Promise((resolve, reject) => {
    request(url, { ca, headers, agent: false }, async (response) => {
      resolve({ status: response.statusCode, body: (await response.toArray()).join('') });
    })
      .on('error', reject)
      .end();
  });

/** Whether a server of gRPC lets in a client that shows a certificate, or none: then the server is the first that speaks. */
async function letsIn(port: number, options: ConnectionOptions): Promise<boolean> {
  const socket = connectTls({ ...options, host: 'localhost', port, ALPNProtocols: ['h2'] });
  const answer = new Promise<boolean>((resolve) => {
    socket.once('data', () => resolve(true));
    for (const end of ['error', 'close']) socket.once(end, () => resolve(false));
  });
  try {
    return await answer;
  } finally {
    socket.destroy();
  }
}

/** Whether a server speaks HTTP/2, and so gRPC, in the clear. */
async function speaksPlainly(port: number): Promise<boolean> {
  const session = connectHttp2(`http://localhost:${port}`);
  const answer = new Promise<boolean>((resolve) => {
    session.once('remoteSettings', () => resolve(true));
    for (const end of ['error', 'close']) session.once(end, () => resolve(false));
  });
  try {
    return await answer;
  } finally {
    session.destroy();
  }
}

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
