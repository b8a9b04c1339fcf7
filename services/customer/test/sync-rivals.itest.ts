import { coreTopics } from '@bankcrm/contract';
import { type Apply, startConsumer } from '@bankcrm/events';
import { ledgerOf, simulate } from '@bankcrm/simulator';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Incoming } from '../src/app/sync/incoming.ts';
import { expectLedger } from './support/sync-ledger.ts';
import { memoryLog, openStream, openSync, type SyncBench } from './support/syncing.ts';

const bank = { customers: 120, seed: 61, months: 3 };
const all = [...simulate(bank)];
const topics = Object.values(coreTopics);
const ours = all.filter(({ topic }) => topics.includes(topic as (typeof topics)[number]));

let sync: SyncBench;
beforeAll(async () => {
  sync = await openSync();
});
afterAll(() => sync?.close());

/** Counts the batches that an owner begins to write: its compare-and-set came first. */
function counted(): { apply: Apply<Incoming>; batches: () => number } {
  let batches = 0;
  const apply: Apply<Incoming> = (tx, items, context) => {
    batches += 1;
    return sync.apply(tx, items, context);
  };
  return { apply, batches: () => batches };
}

it('two consumers that both believe they own every partition leave the ledger’s state, each message applied once', async () => {
  const [one, two] = [counted(), counted()];
  const stream = await openStream({ ...sync, apply: one.apply });
  // Another group in Kafka, so that nothing there keeps the two apart; in PostgreSQL they share each position.
  const rival = startConsumer<Incoming>({
    kafka: { brokers: sync.stack.kafka.brokers, clientId: 'rival' },
    group: 'customer-core-banking',
    kafkaGroup: `${stream.prefix}rival`,
    topicPrefix: stream.prefix,
    topics,
    workers: sync.workers,
    sealer: sync.sealer,
    clock: sync.clock,
    log: memoryLog().log,
    decode: sync.decode,
    apply: two.apply,
    limits: { maxBatchMessages: 100 },
  });
  try {
    await eventually(() => expect(rival.partitions()).toHaveLength(topics.length * 12), { timeoutMs: 30_000 });
    const part = Math.ceil(all.length / 20);
    for (let start = 0; start < all.length; start += part) await stream.publish(all.slice(start, start + part));
    await stream.drained();
    await expectLedger(sync, ledgerOf(bank));
    const { rows } = await sync.workers.query<{ applied: bigint }>(
      `SELECT sum(applied_messages)::int8 AS applied FROM events.kafka_offset WHERE consumer_group = 'customer-core-banking'`,
    );
    expect(rows[0]!.applied).toBe(BigInt(ours.length));
    expect(one.batches()).toBeGreaterThan(0);
    expect(two.batches()).toBeGreaterThan(0);
  } finally {
    await rival.stop();
    await stream.close();
  }
});
