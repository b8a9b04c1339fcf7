// Alone: garbage is collected beside the program, and lies about for longer where a neighbour has the processor.
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ensureTopics } from '@bankcrm/local';
import { ledgerOf, publish, replayed, shuffled, simulate } from '@bankcrm/simulator';
import { eventually, suitePrefix } from '@bankcrm/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exited, startService } from './support/service-process.ts';
import { expectLedger } from './support/sync-ledger.ts';
import { openSync, type SyncBench } from './support/syncing.ts';

const bank = { customers: 400, seed: 41, months: 2, correctionShare: 0.3 };
const prefix = suitePrefix();
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

const applied = async (): Promise<number> =>
  (await sync.workers.query('SELECT coalesce(sum(applied_messages), 0)::int AS n FROM events.kafka_offset')).rows[0].n;
/** The most that a process has had resident since it began. */
const peakResidentMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

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

  service = await startService(sync, prefix);
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
