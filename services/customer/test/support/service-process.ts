import { type ChildProcess, spawn } from 'node:child_process';
import { manifestOf, serviceEnv } from '@bankcrm/local';
import { v8Options } from '@bankcrm/manifest';
import { freePort } from '@bankcrm/testing';
import type { SyncBench } from './syncing.ts';

/**
 * Starts the service as it runs in production, as a process of its own, on a bench's database and the topics of a prefix. No directory is there, so it
 * does not wait for the staff.
 */
export async function startService(sync: SyncBench, prefix: string): Promise<ChildProcess> {
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  const env = {
    ...process.env,
    ...serviceEnv('customer', sync.stack),
    DATABASE_URL_OWNER: sync.urls.owner,
    DATABASE_URL_REQUEST: sync.urls.request,
    DATABASE_URL_WORKER: sync.urls.worker,
    KAFKA_TOPIC_PREFIX: prefix,
    GRPC_PORT: String(await freePort()),
    HEALTH_PORT: String(await freePort()),
    STAFF_WAIT_MS: '0',
    LOG_LEVEL: 'error',
  };
  return spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', ...v8Options(manifestOf('customer')), main], {
    env,
    stdio: 'ignore',
  });
}

/** The exit code; null after a signal. */
export const exited = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
