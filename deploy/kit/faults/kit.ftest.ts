import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
