import { coreTopics } from '@bankcrm/contract';
import { ensureTopics } from '@bankcrm/local';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { ledgerOf, publish, simulate } from '@bankcrm/simulator';
import { eventually, suitePrefix, testStack } from '@bankcrm/testing';
import { type Child, startChild } from '@bankcrm/testing/child.ts';
import { describe, expect, it } from 'vitest';
import type { SyncChildConfig } from './support/child-sync.ts';
import { expectLedger } from './support/sync-ledger.ts';
import { openStream, openSync, type SyncBench } from './support/syncing.ts';

const { customers, accounts, transactions, rates } = coreTopics;
const { brokers } = testStack().kafka;
const bank = { customers: 60, seed: 71, months: 3 };
const all = [...simulate(bank)].filter(({ topic }) => Object.values<string>(coreTopics).includes(topic));
const half = all.length >> 1;

/** Where a consumer halts: the gates of a topic that it comes to one after the other, and whether a chunk of the topic is in PostgreSQL then. */
const moments = [
  { moment: 'before its compare-and-set', topic: transactions, gates: ['before events-move-position'], landed: false },
  { moment: 'between its compare-and-set and its rows', topic: accounts, gates: ['after decode'], landed: false },
  { moment: 'amid its rows', topic: transactions, gates: ['before note-applied'], landed: false },
  { moment: 'between its rows and COMMIT', topic: customers, gates: ['before COMMIT'], landed: false },
  { moment: 'between COMMIT and its answer', topic: rates, gates: ['after COMMIT'], landed: true },
  { moment: 'between two chunks', topic: transactions, gates: ['after COMMIT', 'before events-move-position'], landed: true },
];

/** Lets a consumer run to the last of some gates; it passes those before only when the next one is shut. */
async function haltAt(child: Child, gates: readonly string[]): Promise<void> {
  for (const [index, gate] of gates.entries()) {
    child.shut(gate);
    if (index > 0) child.open(gates[index - 1]!);
    await eventually(() => expect(child.isAt(gate), child.output()).toBe(true), { timeoutMs: 60_000 });
  }
}

let turn: Promise<unknown> = Promise.resolve();
/** One after the other: six that migrate at once keep a small machine from taking connections in time. */
function openInTurn(): Promise<SyncBench> {
  const opened = turn.then(() => openSync());
  turn = opened.catch(() => undefined);
  return opened;
}

// Most of their time goes by until a group gives a halted member up.
describe.concurrent('an event’s effect happens exactly once', { timeout: 120_000 }, () => {
  const name = 'when a consumer is killed $moment, and when one that halted there wakes after a rebalance';
  it.for(moments)(name, async ({ topic, gates, landed }, { onTestFinished }) => {
    const sync = await openInTurn();
    onTestFinished(() => sync.close());
    const prefix = suitePrefix();
    await ensureTopics({ brokers, profile: 'local', prefix });
    await publish(all.slice(0, half), { brokers, prefix });
    const places = gates.map((gate) => `${gate} of ${topic}`);
    const startIn = (group: string): Child => {
      const config: SyncChildConfig = { urls: sync.urls, prefix, kafkaGroup: prefix + group };
      const child = startChild(new URL('support/child-sync.ts', import.meta.url), config);
      onTestFinished(() => child.kill());
      return child;
    };

    const victim = startIn('victim');
    await haltAt(victim, places);
    await victim.kill();
    expect((await applied(sync, topic)).byPosition > 0).toBe(landed);

    const zombie = startIn('customer-core-banking');
    await haltAt(zombie, places);
    zombie.process.kill('SIGSTOP');
    const stream = await openStream(sync, prefix);
    onTestFinished(() => stream.close());
    await stream.drained();
    expect(await applied(sync)).toEqual({ byPosition: half, bySource: half, byAudit: half });

    zombie.open(places.at(-1)!);
    zombie.process.kill('SIGCONT');
    // It has dealt with what it held once it is a member again.
    const joined = () => zombie.output().split('partitions assigned').length - 1;
    await eventually(() => expect(joined()).toBeGreaterThan(1), { timeoutMs: 30_000 });
    await stream.publish(all.slice(half));
    await stream.drained();
    expect(await applied(sync)).toEqual({ byPosition: all.length, bySource: all.length, byAudit: all.length });
    await expectLedger(sync, ledgerOf(bank));
  });
});

/** How many messages were applied, of all topics or of one, by each of the three records that a batch leaves. One that came in twice counts twice. */
async function applied({ workers }: SyncBench, topic = '') {
  const { rows } = await workers.query<{ positions: number; sources: number; entries: Buffer[] }>(
    `SELECT (SELECT coalesce(sum(applied_messages), 0)::int FROM events.kafka_offset WHERE $1 IN ('', topic)) AS positions,
       (SELECT coalesce(sum(applied_messages), 0)::int FROM customer.sync_state WHERE $1 IN ('', topic)) AS sources,
       (SELECT coalesce(array_agg(payload), '{}') FROM events.outbox WHERE topic = 'bankcrm.audit.v1.entries') AS entries`,
    [topic],
  );
  const { positions, sources, entries } = rows[0]!;
  const batches = entries.map((entry) => Entry.decode(entry)).filter(({ operation }) => operation.startsWith(`sync/${topic}`));
  return {
    byPosition: positions,
    bySource: sources,
    byAudit: batches.reduce((sum, { count }) => sum + Number(count), 0),
  };
}
