import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@bankcrm/provision';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePortBase, type RunningStack, readStack, startServers } from '../src/index.ts';
import { nodeBinary, repositoryRoot } from '../src/paths.ts';
import { isRunning, query, type TempDir, tempDir } from './support.ts';

const portBase = await freePortBase();

let dir: TempDir;
const opened: RunningStack[] = [];
const forked: ChildProcess[] = [];

beforeEach(async () => {
  dir = await tempDir();
});
afterEach(async () => {
  for (const stack of opened.splice(0)) await stack.stop();
  for (const child of forked.splice(0)) child.kill('SIGKILL');
  dir.remove();
}, 60_000);

const start = async (parts: ('postgres' | 'mail')[], onProgress: (text: string) => void = () => undefined) => {
  const stack = await startServers({ dir: dir.path, portBase, parts, onProgress });
  opened.push(stack);
  return stack;
};

/** A starter in a process of its own, up. */
const hold = async (parts: string) => {
  const child = fork(join(import.meta.dirname, 'hold.ts'), [dir.path, String(portBase), parts], { execPath: nodeBinary });
  forked.push(child);
  await once(child, 'message');
  return child;
};

/** The process id that PostgreSQL itself wrote down. */
const postmaster = () => Number(readFileSync(join(dir.path, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);

describe('a start', () => {
  it('names every port that is taken, the part that needs it, and how to move', async () => {
    const squatters = await Promise.all([portBase + 10, portBase + 15].map(listenOn));
    try {
      const failure = start(['postgres', 'mail']);
      await expect(failure).rejects.toThrow(new RegExp(`${portBase + 10} .*PostgreSQL`));
      await expect(failure).rejects.toThrow(new RegExp(`${portBase + 15} .*SMTP`));
      await expect(failure).rejects.toThrow(/BANKCRM_PORT_BASE=/);
      await expect(failure).rejects.not.toThrow(new RegExp(`${portBase + 16}`));
    } finally {
      for (const server of squatters) server.close();
    }
    expect(existsSync(join(dir.path, 'data'))).toBe(false);
  });

  it('refuses a directory in which a stack runs, names that process, and leaves it alone', async () => {
    const holder = await hold('mail');
    await expect(start(['mail'])).rejects.toThrow(new RegExp(`process ${holder.pid}`));
    expect((await fetch(`${readStack(dir.path).mail.url}/messages`)).status).toBe(200);
  });

  it('clears up after a starter that was killed, and finds its data', async () => {
    const holder = await hold('postgres,mail');
    const orphan = postmaster();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(isRunning(orphan)).toBe(true);

    const said: string[] = [];
    const stack = await start(['postgres'], (text) => said.push(text));
    expect(isRunning(orphan)).toBe(false);
    expect(said.join('\n')).toContain('postgres');
    expect(stack.postgres.port).toBe(portBase + 10);
  });

  it('kills nobody whose process id only looks like that of a part', async () => {
    const stranger = spawn('sleep', ['60']);
    const runDir = join(dir.path, 'run');
    mkdirSync(runDir, { recursive: true });
    const dead = { part: 'starter', pid: 999_999, startTime: '1' };
    const children = [{ part: 'postgres', pid: stranger.pid, startTime: '1' }];
    writeFileSync(join(runDir, 'children-999999.json'), JSON.stringify({ starter: dead, children }));
    try {
      await start(['mail']);
      expect(isRunning(stranger.pid ?? 0)).toBe(true);
    } finally {
      stranger.kill();
    }
  });

  it('gives up when it is told to, and leaves nothing running', async () => {
    const asked = new AbortController();
    const onProgress = (text: string) => {
      if (text.startsWith('PostgreSQL is up')) asked.abort();
    };
    const parts = ['postgres', 'kafka'] as const;
    await expect(startServers({ dir: dir.path, portBase, parts, onProgress, signal: asked.signal })).rejects.toThrow(/abort/i);
    expect(existsSync(join(dir.path, 'data', 'postgres', 'postmaster.pid'))).toBe(false);
    expect(existsSync(join(dir.path, 'run', 'starter.json'))).toBe(false);
  });

  it('by TLS wants data that were made so, and an address that this machine has', async () => {
    mkdirSync(join(dir.path, 'data'));
    const options = { dir: dir.path, portBase, parts: ['mail'] as const };
    await expect(startServers({ ...options, tls: true })).rejects.toThrow(/npm start -- --tls --fresh/);
    await expect(startServers({ ...options, host: '192.0.2.255' })).rejects.toThrow(
      /has no address 192\.0\.2\.255.*127\.0\.0\.1/,
    );
  });

  it('with a host lets itself be reached there, by TLS, and nowhere else', async ({ skip }) => {
    const host = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
    if (host === undefined) return skip('this machine has loopback alone');
    const stack = await startServers({ dir: dir.path, portBase, parts: ['postgres'], host });
    opened.push(stack);
    expect(stack.postgres.host).toBe(host);
    const encrypted = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
    expect((await query(stack.postgres.superuserUrl, encrypted)).rows).toEqual([{ ssl: true }]);
    await expect(query(stack.postgres.superuserUrl.replace(/\?.*/, ''), encrypted)).rejects.toThrow(/no encryption/);
    await expect(query(stack.postgres.superuserUrl.replace(host, 'localhost'), encrypted)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('begins anew with `fresh`: other data, other secrets', async () => {
    const first = await start(['postgres']);
    await first.stop();
    const second = await startServers({ dir: dir.path, portBase, parts: ['postgres'], fresh: true });
    opened.push(second);
    expect(second.clients.directory?.clientSecret).not.toBe(first.clients.directory?.clientSecret);
  });
});

describe('a stop', () => {
  it('takes the servers down and frees the directory and the ports', async () => {
    const holder = await hold('postgres,mail');
    const pid = postmaster();
    holder.kill('SIGTERM');
    await once(holder, 'exit');
    expect(isRunning(pid)).toBe(false);
    await (await start(['postgres', 'mail'])).stop();
  });

  it('can be asked for twice', async () => {
    const stack = await start(['mail']);
    await Promise.all([stack.stop(), stack.stop()]);
    await expect(fetch(`${stack.mail.url}/messages`)).rejects.toThrow();
  });
});

describe('free ports', () => {
  it('are others for each that asks, and pass over those where somebody listens', async () => {
    const next = portBase + 100;
    const squatter = await listenOn(next + 42).catch(() => undefined);
    try {
      const [one, two] = [await freePortBase(), await freePortBase()];
      expect(new Set([portBase, next, one, two]).size).toBe(4);
      for (const base of [one, two]) expect(base % 100).toBe(0);
    } finally {
      squatter?.close();
    }
  });
});

describe('the mail sink', () => {
  it('keeps the newest 200 mails, newest first', async () => {
    const stack = await start(['mail']);
    await sendMails(stack.mail.smtpPort, 203);
    const messages = await eventually(
      async () => {
        const response = await fetch(`${stack.mail.url}/messages`);
        const list = ((await response.json()) as { messages: { subject: string; to: string[] }[] }).messages;
        return list[0]?.subject === '第203封' && list;
      },
      { timeoutMs: 10_000, what: 'the last mail' },
    );
    expect(messages).toHaveLength(200);
    expect(messages.at(-1)?.subject).toBe('第4封');
    expect(messages[0]?.to).toEqual(['zhang@bank.example']);
  }, 60_000);
});

describe('npm start', () => {
  const launcher = join(repositoryRoot, 'deploy', 'local', 'bin', 'start.mjs');

  it('names what the machine lacks and how to get it', async () => {
    const { code, output } = await run(launcher, { PATH: '/nonexistent' });
    expect(code).toBe(1);
    expect(output).toMatch(/JDK, 17 or newer.*adoptium/);
    expect(output).toMatch(/Maven .*maven\.apache\.org/);
  });

  it('says what is wrong with a port base instead of starting', async () => {
    const { code, output } = await run(launcher, { ...process.env, BANKCRM_PORT_BASE: '99999', BANKCRM_LOCAL_DIR: dir.path });
    expect(code).toBe(1);
    expect(output).toContain('BANKCRM_PORT_BASE is "99999"');
  }, 60_000);
});

async function listenOn(port: number) {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function run(program: string, env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [program], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

/** Speaks SMTP itself: one connection, one mail after the other. */
async function sendMails(port: number, count: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  const reply = async () => {
    let line = '';
    do line = (await lines.next()).value as string;
    while (line[3] === '-');
    return line.slice(0, 3);
  };
  const say = async (text: string) => {
    socket.write(`${text}\r\n`);
    return reply();
  };
  expect(await reply()).toBe('220');
  await say('EHLO test');
  for (let i = 1; i <= count; i += 1) {
    await say('MAIL FROM:<core@bank.example>');
    await say('RCPT TO:<zhang@bank.example>');
    await say('DATA');
    const subject = `=?utf-8?B?${Buffer.from(`第${i}封`).toString('base64')}?=`;
    expect(await say(`Subject: ${subject}\r\nTo: zhang@bank.example\r\n\r\nHello\r\n.`)).toBe('250');
  }
  await say('QUIT');
  socket.destroy();
}
