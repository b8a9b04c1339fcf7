import type { Bench, Sizes } from '@bankcrm/bench/bench.ts';
import { progress, withDatabase, withPlatform } from '@bankcrm/bench/platform.ts';
import { type Comparison, compare } from '@bankcrm/bench/stats.ts';
import type { RunningServices } from '@bankcrm/local';
import type pg from 'pg';
import { load } from './sync/load.ts';
import { copyRows, drain, insertOneByOne } from './sync/peers.ts';
import { type Mark, marksOf, setPositions, snapshotTopics, transactionTopics } from './sync/positions.ts';
import { runService, type ServiceRun } from './sync/service-run.ts';

/** The tables that snapshots of customers and accounts end up in. */
const snapshotTables = [
  'customer',
  'customer_summary',
  'party',
  'party_snapshot',
  'identifying_value',
  'name_token',
  'account',
  'holder',
  'participant',
];
const oneByOneSample = 5_000;

/** First loads: a stream of snapshots, then a stream of transactions, each against what the machine could do at best. */
export const bench: Bench = { sizes: { customers: 100_000, transactions: 1_000_000 }, rounds: 3, run };

async function run({ customers = 0, transactions = 0 }: Sizes, rounds: number): Promise<Comparison[]> {
  let comparisons: Comparison[] = [];
  await withPlatform({ customer: { LOG_LEVEL: 'warn' } }, async (platform) => {
    await platform.running.find(({ name }) => name === 'customer')!.stop();
    progress(`publishing ${customers} customers and ${transactions} transactions`);
    const months = Math.max(1, Math.ceil(transactions / customers / 10));
    await load(platform.kafka.brokers, { customers, months, seed: 1 }, transactions);
    comparisons = await withDatabase(platform, (client) => measure(platform, client, rounds));
  });
  return comparisons;
}

async function measure(platform: RunningServices, client: pg.Client, rounds: number): Promise<Comparison[]> {
  const { brokers } = platform.kafka;
  const snapshots = await marksOf(brokers, snapshotTopics);
  const postings = await marksOf(brokers, transactionTopics);
  const upserts = { service: [] as ServiceRun[], copy: [] as number[], drain: [] as number[] };
  const appends = { service: [] as ServiceRun[], copy: [] as number[], drain: [] as number[], oneByOne: [] as number[] };

  for (let round = 1; round <= rounds; round += 1) {
    progress(`round ${round} of ${rounds}: snapshots`);
    await client.query(
      `TRUNCATE ${snapshotTables.map((table) => `customer.${table}`).join(', ')}, customer.transaction, events.outbox`,
    );
    await setPositions(client, snapshots, 'low');
    await setPositions(client, postings, 'high');
    await client.query('CHECKPOINT');
    upserts.service.push(await runService(platform, client, snapshots));
    upserts.copy.push(await copyRows(client, snapshotTables, countOf(snapshots)));
    upserts.drain.push(await drain(brokers, snapshotTopics, countOf(snapshots)));

    progress(`round ${round} of ${rounds}: transactions`);
    await setPositions(client, postings, 'low');
    await client.query('CHECKPOINT');
    appends.service.push(await runService(platform, client, postings));
    appends.copy.push(await copyRows(client, ['transaction'], countOf(postings)));
    appends.drain.push(await drain(brokers, transactionTopics, countOf(postings)));
    appends.oneByOne.push(await insertOneByOne(brokers, client, oneByOneSample));
  }

  const rates = (runs: readonly ServiceRun[]): number[] => runs.map((run) => run.messagesPerSecond);
  const peak = [...upserts.service, ...appends.service].map((run) => run.peakMegabytes);
  progress(`the customer service held at most ${Math.max(...peak)} MB`);
  return [
    compare('transactions appended', 'messages/s', rates(appends.service), slower(appends), 0.45, 0.7),
    compare('snapshots upserted', 'messages/s', rates(upserts.service), slower(upserts), 0.25, 0.4),
    compare(
      'transactions appended',
      'messages/s',
      rates(appends.service),
      { name: 'one INSERT per message', values: appends.oneByOne },
      25,
    ),
  ];
}

const countOf = (marks: readonly Mark[]): number => marks.reduce((sum, mark) => sum + Number(mark.high - mark.low), 0);

/** The slower of the two things that no sync can be faster than. */
function slower({ copy, drain: drained }: { copy: number[]; drain: number[] }): { name: string; values: number[] } {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return sum(copy) <= sum(drained) ? { name: 'raw COPY', values: copy } : { name: 'bare kafkajs drain', values: drained };
}
