import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listCustomers } from '@bankcrm/acceptance/api.ts';
import { as, type Person } from '@bankcrm/acceptance/client.ts';
import { customerMessage } from '@bankcrm/acceptance/core-bank.ts';
import { loadDemoBank } from '@bankcrm/acceptance/demo.ts';
import { send } from '@bankcrm/acceptance/kafka.ts';
import { numberOf, portfolioOf, type Truth } from '@bankcrm/acceptance/ledger.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { scopes } from '@bankcrm/acceptance/scopes.ts';
import { databasesOf, freePortBase, readStack, type Stack, signIn } from '@bankcrm/local';
import { codeRules } from '@bankcrm/rules/tools.ts';
import { eventually } from '@bankcrm/testing';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addKit, type Copy, copyTree } from '../src/copy.ts';

const startLimitMs = 300_000;

let copy: Copy;
let dir: string;
let starter: ChildProcess;
let stack: Stack;

beforeAll(async () => {
  copy = await copyTree('own packages');
  await addKit(copy);
  dir = mkdtempSync(join(tmpdir(), 'bankcrm-kit-stack-'));
  starter = spawn(join(copy.root, 'node_modules/.bin/node'), [join(copy.root, 'deploy/local/src/start.ts'), '--no-demo'], {
    cwd: copy.root,
    env: { ...process.env, BANKCRM_LOCAL_DIR: dir, BANKCRM_PORT_BASE: String(await freePortBase()) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    starter.stdout!.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('everything is up')) resolve();
    });
    starter.once('exit', () => reject(new Error(`the stack did not start:\n${said}`)));
  });
  stack = readStack(dir);
  process.env.BANKCRM_TEST_STACK = dir;
  await loadDemoBank(stack);
}, startLimitMs);
afterAll(async () => {
  if (starter?.exitCode === null) {
    const gone = new Promise((resolve) => starter.once('exit', resolve));
    starter.kill('SIGTERM');
    await gone;
  }
  copy?.discard();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

describe('the copy with a new service in it', () => {
  it.each(Object.entries(codeRules))('%s', async (_, rule) => expect(await rule(copy.root)).toEqual([]));
});

it('a domain of the new service that asks a door is found', async () => {
  const [boundaries] = Object.entries(codeRules).filter(([name]) => name.startsWith('keeps its boundaries'));
  const undo = copy.change({ path: 'services/kit/src/domain/text.ts', change: (text) => `import '../service.ts';\n${text}` });
  expect((await boundaries![1](copy.root)).join()).toMatch(/rooms-go-one-way: services\/kit\/src\/domain\/text\.ts/);
  undo();
});

describe('the new service in the stack', () => {
  const admin = () => signIn(stack, stack.staff.find(({ roles }) => roles.includes('admin'))!.staffNumber);
  const createNote = async (text: string, key: string) =>
    fetch(`${stack.gateway.url}/v1/notes`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await admin()}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ text }),
    });

  it('answers through the gateway, once for a key, with a row, an event and an audit entry', async () => {
    const key = 'a-note-of-monday';
    const first = await createNote('call back on Monday', key);
    const note = (await first.json()) as { name: string };
    expect(note).toEqual({ name: expect.stringMatching(/^notes\/[0-9a-f-]{36}$/), text: 'call back on Monday' });
    const { name } = note;
    expect(await (await createNote('call back on Monday', key)).json()).toEqual({ name, text: 'call back on Monday' });
    const id = name.slice('notes/'.length);

    const client = new pg.Client({ connectionString: databasesOf(stack, 'kit').worker });
    await client.connect();
    expect((await client.query('SELECT note_id, text FROM kit.note')).rows).toEqual([
      { note_id: id, text: 'call back on Monday' },
    ]);
    await client.end();

    const topics = ['bankcrm.kit.v1.notes', 'bankcrm.audit.v1.entries'];
    const records = await eventually(async () => {
      const found = await recordsOf(topics);
      expect(found.filter(({ topic }) => topic === topics[0])).toHaveLength(1);
      expect(found.filter(({ topic, value }) => topic === topics[1] && value.includes(name))).toHaveLength(1);
      return found;
    });
    expect(records.find(({ topic }) => topic === topics[0])).toMatchObject({ key: id, type: 'bankcrm.kit.v1.NoteCreated' });
  });

  it('refuses who may not, by the permission that its proto names', async () => {
    const rm = await signIn(stack, stack.staff.find(({ roles }) => roles.includes('rm'))!.staffNumber);
    const response = await fetch(`${stack.gateway.url}/v1/notes`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rm}`, 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'x' }),
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ reason: 'PERMISSION_MISSING', metadata: { permission: 'kit.notes.create' } });
  });
});

describe('the customers that it shows', () => {
  /** All pages of its list: resource names. */
  const subjectsOf = async (person: Person): Promise<string[]> => {
    const found: string[] = [];
    for (let pageToken = ''; ; ) {
      const reply = await person.get('/v1/noteSubjects', { pageSize: 50, ...(pageToken === '' ? {} : { pageToken }) });
      expect(reply.status, reply.text).toBe(200);
      const page = JSON.parse(reply.text) as { customers?: string[]; nextPageToken?: string };
      found.push(...(page.customers ?? []));
      pageToken = page.nextPageToken ?? '';
      if (pageToken === '') return found;
    }
  };
  /** Of the last snapshot sent: above every one of the demo bank. */
  let version = 1_000_000n;
  /** Resource names by number, as headquarters and each manager of restricted customers know them. */
  const names = new Map<string, string>();
  const namesOf = (truths: readonly Truth[]) => truths.map((truth) => names.get(numberOf(truth))!).sort();
  beforeAll(async () => {
    for (const number of [people.hqManager, people.colleague])
      for (const { primaryNumber, name } of await listCustomers(await as(number))) names.set(primaryNumber, name);
  });

  it.each(scopes)('are those of its scope: %s', async (role, scope) => {
    const person = await as(people[role]);
    // The projection follows.
    await eventually(async () => expect(await subjectsOf(person)).toEqual(namesOf(scope)), { timeoutMs: 10_000 });
  });

  it.each(['marketer', 'operator'] as const)('are refused to a %s', async (role) => {
    expect((await (await as(people[role])).get('/v1/noteSubjects')).status).toBe(403);
  });

  it.each([
    ['handed over', 'rm', { rmStaffNumber: people.seniorRm }, 'seniorRm'],
    ['moved to another branch', 'beijingManager', { homeBranchCode: 'SH-PD' }, 'shanghaiManager'],
    ['restricted', 'hqManager', { restricted: true }, undefined],
  ] as const)('are without one who is %s, within 2 s', async (what, loser, change, winner) => {
    const [losing, winning] = [await as(people[loser]), winner && (await as(people[winner]))];
    const { customer } = portfolioOf(people.rm).find((truth) => !truth.customer.restricted)!;
    const name = names.get(customer.sourceId)!;
    expect(await subjectsOf(losing)).toContain(name);
    version += 1n;
    await send([customerMessage({ ...customer, ...change, version })]);
    const sent = performance.now();
    await eventually(async () => expect(await subjectsOf(losing)).not.toContain(name), { timeoutMs: 10_000, everyMs: 20 });
    console.log(`a customer who is ${what} is gone after ${Math.round(performance.now() - sent)} ms`);
    if (winning) expect(await subjectsOf(winning)).toContain(name);
  });
});

/** Everything that stands in the topics now. */
async function recordsOf(topics: readonly string[]): Promise<{ topic: string; key: string; type: string; value: string }[]> {
  const kafka = new Kafka({ clientId: 'kit-proof', brokers: stack.kafka.brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `kit-proof-${Date.now()}` });
  const found: { topic: string; key: string; type: string; value: string }[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, message }) => {
        const { key, value, headers } = message;
        found.push({ topic, key: String(key), type: String(headers?.ce_type), value: String(value) });
      },
    });
    await eventually(() => expect(found.length).toBeGreaterThan(1));
    return found;
  } finally {
    await consumer.disconnect();
  }
}
