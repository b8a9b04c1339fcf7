import type { ChildProcess } from 'node:child_process';
import { ensureTopics } from '@bankcrm/local';
import { ledgerOf, publish, replayed, shuffled, simulate } from '@bankcrm/simulator';
import { eventually, suitePrefix } from '@bankcrm/testing';
import { expect, it, onTestFinished } from 'vitest';
import { exited, startService } from '../test/support/service-process.ts';
import { expectLedger } from '../test/support/sync-ledger.ts';
import { openSync } from '../test/support/syncing.ts';

/** In sync-kills.itest.ts a consumer halts once at each kind of moment; here the service itself goes at any, again and again. */
const kills = 12;
const freezes = 4;
const bank = { customers: 1_000, seed: 41, months: 3, correctionShare: 0.3 };
/** Twice over and out of order: what was applied before a kill comes again after it, too. */
const messages = [
  ...shuffled(
    replayed(() => simulate(bank), 2),
    { seed: 3, window: 3_000 },
  ),
];

it('a service killed again and again while it applies loses nothing and applies nothing twice', async () => {
  const { start, atWork, end } = await openBank();
  for (let round = 1; round <= kills; round += 1) {
    const service = await start();
    await atWork(round);
    service.kill('SIGKILL');
    await exited(service);
  }
  await start();
  await end();
});

it('a service frozen again and again while another one takes over writes nothing when it wakes', async () => {
  const { start, atWork, end } = await openBank();
  let service = await start();
  for (let round = 1; round <= freezes; round += 1) {
    await atWork(round);
    service.kill('SIGSTOP');
    const next = await start();
    // Nobody but the next one can be: the group gave up the frozen one, and PostgreSQL its transaction.
    await atWork(round);
    service.kill('SIGCONT');
    await atWork(round);
    service.kill('SIGKILL');
    await exited(service);
    service = next;
  }
  await end();
});

/** All messages in topics of their own, a database, and the services that a test starts on them. */
async function openBank() {
  const sync = await openSync();
  onTestFinished(() => sync.close());
  const { brokers } = sync.stack.kafka;
  const prefix = suitePrefix();
  await ensureTopics({ brokers, profile: 'local', prefix });
  await publish(messages, { brokers, prefix });
  const applied = async (): Promise<number> =>
    (await sync.workers.query('SELECT coalesce(sum(applied_messages), 0)::int AS n FROM events.kafka_offset')).rows[0].n;
  return {
    async start(): Promise<ChildProcess> {
      const service = await startService(sync, prefix);
      onTestFinished(() => void service.kill('SIGKILL'));
      return service;
    },
    /** Waits until more has been applied, in each round a little more, and some of it is left. */
    async atWork(round: number): Promise<void> {
      const from = await applied();
      await eventually(async () => expect(await applied()).toBeGreaterThan(from + 37 * round), { timeoutMs: 90_000, everyMs: 2 });
      expect(await applied()).toBeLessThan(messages.length);
    },
    /** Waits until all is applied, each message once, and compares with the simulator's books. */
    async end(): Promise<void> {
      await eventually(async () => expect(await applied()).toBe(messages.length), { timeoutMs: 180_000, everyMs: 100 });
      await expectLedger(sync, ledgerOf(bank));
    },
  };
}
