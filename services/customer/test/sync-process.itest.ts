import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ensureTopics, manifestOf, serviceEnv, v8Options } from '@bankcrm/local';
import { ledgerOf, publish, replayed, shuffled, simulate } from '@bankcrm/simulator';
import { eventually, suitePrefix } from '@bankcrm/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectLedger } from './sync-ledger.ts';
import { openSync, type SyncBench } from './sync-support.ts';

const bank = { customers: 400, seed: 41, months: 2, correctionShare: 0.3 };
const prefix = suitePrefix();
const ports = { grpc: 27_041, health: 27_042 };
const maxResidentMb = 400;

let sync: SyncBench;
let service: ChildProcess | undefined;
beforeAll(async () => {
  sync = await openSync();
  await ensureTopics({ brokers: sync.stack.kafka.brokers, profile: 'local', prefix });
});
afterAll(async () => {
  service?.kill('SIGKILL');
  await sync.close();
});

/** The service as it runs in production, as a process of its own; no directory is there, so it does not wait for the staff. */
function start(): ChildProcess {
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const env = {
    ...process.env,
    ...serviceEnv('customer', sync.stack),
    DATABASE_URL_OWNER: sync.urls.owner,
    DATABASE_URL_REQUEST: sync.urls.request,
    DATABASE_URL_WORKER: sync.urls.worker,
    KAFKA_TOPIC_PREFIX: prefix,
    GRPC_PORT: String(ports.grpc),
    HEALTH_PORT: String(ports.health),
    STAFF_WAIT_MS: '0',
    LOG_LEVEL: 'error',
  };
  return spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', ...v8Options(manifestOf('customer')), main], {
    env,
    stdio: 'ignore',
  });
}

const applied = async (): Promise<number> =>
  (await sync.workers.query('SELECT coalesce(sum(applied_messages), 0)::int AS n FROM events.kafka_offset')).rows[0].n;
/** The most that a process has had resident since it began. */
const peakResidentMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const exited = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));

it('the service as it runs in production takes a bank in within its memory, sends what it has to say and ends in order', {
  timeout: 120_000,
}, async () => {
  // Twice over and out of order.
  const messages = [
    ...shuffled(
      replayed(() => simulate(bank), 2),
      { seed: 3, window: 3_000 },
    ),
  ];
  await publish(messages, { brokers: sync.stack.kafka.brokers, prefix });

  service = start();
  await eventually(async () => expect(await applied()).toBe(messages.length), { timeoutMs: 60_000, everyMs: 50 });
  await expectLedger(sync, ledgerOf(bank));
  expect(peakResidentMb(service.pid!)).toBeLessThan(maxResidentMb);

  await eventually(async () => expect((await sync.workers.query('SELECT 1 FROM events.outbox LIMIT 1')).rows).toEqual([]), {
    timeoutMs: 20_000,
  });
  const gone = exited(service);
  service.kill('SIGTERM');
  expect(await gone).toBe(0);
});
