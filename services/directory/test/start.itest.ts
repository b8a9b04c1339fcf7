import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBackend } from '@bankcrm/backend';
import { systemClock } from '@bankcrm/kernel';
import { type DatabaseUrls, ensureTopics, serviceEnv } from '@bankcrm/local';
import { errorText, type Log } from '@bankcrm/service';
import { eventually, freePort, suiteDatabase, suitePrefix, testStack } from '@bankcrm/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { directory } from '../src/service.ts';

const stack = testStack();
const topicPrefix = suitePrefix();
const ignore = (): void => {};

let urls: DatabaseUrls;
let folder: string;
let phases: (() => Promise<void> | void)[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bankcrm-start-'));
  urls = await suiteDatabase('directory');
});
afterEach(async () => {
  for (const stop of phases) await stop();
  phases = [];
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Starts a directory that may not migrate; gives what it logs of errors, and whether it is ready. */
async function start(settings: Record<string, string> = {}) {
  const { DEMO_BANK_FILE: _bank, DATABASE_URL_OWNER: _owner, ...contract } = serviceEnv('directory', stack);
  const config = readConfig({
    ...contract,
    DATABASE_URL_REQUEST: urls.request,
    DATABASE_URL_WORKER: urls.worker,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    GRPC_PORT: String(await freePort()),
    HEALTH_PORT: String(await freePort()),
    ...settings,
  });
  const errors: string[] = [];
  const error = (fields: object, message: string): void => void errors.push(`${message} ${JSON.stringify(fields)}`);
  await startBackend(directory, {
    config,
    clock: systemClock,
    log: { info: ignore, warn: ignore, debug: ignore, error } as unknown as Log,
    lifecycle: { stopping: false, onStop: (_name, _limitMs, stop) => void phases.push(stop) },
    metrics: { getMetricsRequestHandler: (_req, res) => void res.end() },
  });
  const readiness = async (): Promise<unknown> => (await fetch(`http://127.0.0.1:${config.HEALTH_PORT}/readyz`)).json();
  return { readiness, errors };
}

/** What a process says that cannot start. */
const refusal = (settings: Record<string, string>): Promise<string> => start(settings).then(() => 'started', errorText);

const migrate = (owner: string) =>
  promisify(execFile)(process.execPath, [join(directory.folder, '../../libs/backend/src/migrate.ts'), 'directory'], {
    env: { PATH: process.env.PATH, DATABASE_URL_OWNER: owner },
  });

const changed = (url: string, part: 'password' | 'port', value: string): string => {
  const copy = new URL(url);
  copy[part] = value;
  return copy.href;
};

describe('a service that may not migrate', () => {
  it('ends on a database that nobody has migrated, and says what to run', async () => {
    expect(await refusal({})).toMatch(
      /^the database lacks migration events\/\d+_\S+ of this version; run node libs\/backend\/src\/migrate\.ts directory with DATABASE_URL_OWNER$/,
    );
  });

  it('becomes ready when an owner without more rights has, on the schema of a newer version too, and when its topics are there', async () => {
    const first = await migrate(urls.owner);
    expect(first.stdout).toMatch(/^applied events\/.*\n(applied .*\n)*applied directory\/0001_directory\n/);
    expect((await migrate(urls.owner)).stdout).toBe('The database is up to date.\n');
    const owner = new pg.Client(urls.owner);
    await owner.connect();
    const { rows } = await owner.query(
      'SELECT rolsuper OR rolcreaterole OR rolcreatedb AS more FROM pg_roles WHERE rolname = current_user',
    );
    expect(rows).toEqual([{ more: false }]);
    await owner.query(`INSERT INTO directory_migrations (name, run_on) VALUES ('9999_of-tomorrow', now())`);
    await owner.end();

    const { readiness, errors } = await start();
    await eventually(async () => expect(await readiness()).toEqual({ state: 'not ready', failing: ['topics'] }));
    const told = () => errors.filter((line) => line.startsWith('Kafka lacks topics'));
    await eventually(() => expect(told()).toHaveLength(1));
    expect(told()[0]).toContain(`${topicPrefix}bankcrm.audit.v1.entries`);
    await ensureTopics({ brokers: stack.kafka.brokers, profile: 'local', prefix: topicPrefix });
    await eventually(async () => expect(await readiness()).toEqual({ state: 'ready', failing: [] }));
    expect(told()).toHaveLength(1);
  });
});

describe('a service is not ready, and says why, with', () => {
  it.each([
    [
      'an audience that its tokens have not',
      { OIDC_AUDIENCE: 'other' },
      'OIDC_AUDIENCE or OIDC_ISSUER is not that of its tokens',
    ],
    ['a wrong client secret', { OIDC_CLIENT_SECRET: 'wrong' }, 'refuses OIDC_CLIENT_ID with OIDC_CLIENT_SECRET'],
    [
      'an identity provider that is not there',
      { OIDC_ISSUER: 'http://127.0.0.1:1/realms/bankcrm' },
      'OIDC_ISSUER cannot be reached',
    ],
  ])('%s', async (_what, settings, why) => {
    const { readiness, errors } = await start(settings);
    await eventually(async () => expect(await readiness()).toEqual({ state: 'not ready', failing: ['identity'] }));
    await eventually(() => expect(errors).toContainEqual(expect.stringContaining(why)));
  });
});

describe('a service ends at start, and says which setting is at fault, with', () => {
  it.each<[string, () => Record<string, string>, string]>([
    [
      'a wrong password',
      () => ({ DATABASE_URL_REQUEST: changed(urls.request, 'password', 'wrong') }),
      'DATABASE_URL_REQUEST leads to no database that can be used: password authentication failed',
    ],
    [
      'a database server that is not there',
      () => ({ DATABASE_URL_WORKER: changed(urls.worker, 'port', '1') }),
      'DATABASE_URL_WORKER leads to no database that can be used: connect ECONNREFUSED',
    ],
    [
      'an owner that is refused',
      () => ({ DATABASE_URL_OWNER: changed(urls.owner, 'password', 'wrong') }),
      'DATABASE_URL_OWNER leads to no database that can be used: password authentication failed',
    ],
    [
      'no file of keys',
      () => ({ KEYS_FILE: '/nowhere/keys.json' }),
      'KEYS_FILE names no file with the keys of this service: ENOENT',
    ],
    [
      'a file of keys without one that it needs',
      () => {
        const file = join(folder, 'keys.json');
        writeFileSync(file, '{}');
        return { KEYS_FILE: file };
      },
      `KEYS_FILE names no file with the keys of this service: ${tmpdir()}`,
    ],
  ])('%s', async (_what, settings, says) => {
    expect(await refusal(settings())).toContain(says);
  });
});
