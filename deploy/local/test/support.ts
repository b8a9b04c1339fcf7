import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { kafkaAccess, keycloakAdmin, type Stack } from '../src/index.ts';

export type TempDir = { path: string; remove(): void };

export async function tempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), 'bankcrm-local-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Makes a person who can sign in, in place of one of an earlier try; returns the id in Keycloak. */
export async function makeUser(stack: Stack, username: string, password: string): Promise<string> {
  const admin = await keycloakAdmin(stack);
  const find = () => admin<{ id: string }[]>(`/${stack.keycloak.realm}/users?exact=true&username=${username}`);
  for (const { id } of await find()) await admin(`/${stack.keycloak.realm}/users/${id}`, { method: 'DELETE' });
  await admin(`/${stack.keycloak.realm}/users`, {
    method: 'POST',
    body: {
      username,
      enabled: true,
      email: `u${username}@bank.example`,
      credentials: [{ type: 'password', value: password, temporary: false }],
    },
  });
  const [user] = await find();
  if (user === undefined) throw new Error(`user ${username} is not there`);
  return user.id;
}

export type TokenReply = { status: number; body: { access_token?: string; error?: string; error_description?: string } };

export async function askToken(stack: Stack, form: Record<string, string>): Promise<TokenReply> {
  const response = await fetch(stack.keycloak.tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as TokenReply['body'] };
}

export const passwordGrant = (stack: Stack, username: string, password: string, clientId = stack.keycloak.localClientId) =>
  askToken(stack, { grant_type: 'password', client_id: clientId, username, password });

export const claimsOf = (token: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** True for a process that runs; one that has ended but was not collected by its parent is no longer running. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const state = existsSync('/proc/self/stat') ? readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0] : 'R';
  return state !== 'Z';
}

export function kafka(stack: Stack): Kafka {
  const { brokers, access } = kafkaAccess(stack);
  return new Kafka({ clientId: 'test', brokers, ...access, logLevel: logLevel.NOTHING });
}

export async function withAdmin(stack: Stack, work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = kafka(stack).admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
