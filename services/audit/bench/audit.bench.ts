import type { Bench, Sizes } from '@bankcrm/bench/bench.ts';
import { progress, withDatabase, withPlatform } from '@bankcrm/bench/platform.ts';
import { type Comparison, compare, median } from '@bankcrm/bench/stats.ts';
import { launchService, type RunningServices } from '@bankcrm/local';
import type pg from 'pg';
import { entries } from './audit/entries.ts';
import { type Copied, copyEntries, hashStored } from './audit/peers.ts';
import { hireStaff } from './audit/people.ts';
import { emptyHeads, endsOfTopic, publishEntries } from './audit/publish.ts';
import { searchTimes } from './audit/searches.ts';
import { consume, forget, type ServiceRun } from './audit/service-run.ts';
import { verifiedPerSecond } from './audit/verify.ts';

/** Of the first page of a search. */
const pageLimitMs = 1_000;

/** A bank's audit log: consuming and chaining it against COPY of its rows, and first pages of searches in it. */
export const bench: Bench = { sizes: { entries: 1_000_000 }, rounds: 3, run };

async function run({ entries: count = 0 }: Sizes, rounds: number): Promise<Comparison[]> {
  let comparisons: Comparison[] = [];
  const quiet = { LOG_LEVEL: 'warn' };
  await withPlatform({ audit: quiet, customer: quiet, directory: quiet }, async (platform) => {
    for (const name of ['audit', 'customer', 'gateway']) await platform.running.find((one) => one.name === name)?.stop();
    const staffIds = await hireStaff(platform);
    const endTime = new Date();
    progress(`publishing ${count} entries`);
    await publishEntries(platform.kafka.brokers, entries(count, staffIds, endTime));
    comparisons = await withDatabase(platform, (client) => measure(platform, client, rounds, { staffIds, endTime }), 'audit');
  });
  return comparisons;
}

async function measure(
  platform: RunningServices,
  client: pg.Client,
  rounds: number,
  { staffIds, endTime }: { staffIds: readonly string[]; endTime: Date },
): Promise<Comparison[]> {
  const ends = await endsOfTopic(platform.kafka.brokers);
  const runs: ServiceRun[] = [];
  const verified: number[] = [];
  const peers = { bare: [] as Copied[], indexed: [] as Copied[], stored: [] as number[], inMemory: [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    progress(`round ${round} of ${rounds}`);
    await forget(platform, client);
    await emptyHeads(platform.kafka.brokers);
    await client.query('CHECKPOINT');
    runs.push(await consume(platform, client, ends));
    peers.bare.push(await copyEntries(client, 'no indexes'));
    peers.indexed.push(await copyEntries(client, 'the same indexes'));
    const { stored, inMemory } = await hashStored(client);
    peers.stored.push(stored);
    peers.inMemory.push(inMemory);
    verified.push(await verifiedPerSecond(platform));
  }
  progress(`the audit service held at most ${Math.max(...runs.map(({ peakMegabytes }) => peakMegabytes))} MB`);
  progress(
    `the last entry was anchored at most ${Math.round(Math.max(...runs.map((one) => one.anchoredAfterMs)))} ms after it was chained`,
  );
  progress(
    `SHA-256 over the entries: ${peers.stored.map(Math.round)} entries/s as they are read, ${peers.inMemory.map(Math.round)} in memory`,
  );

  const micros = (values: readonly number[]): string => `${median(values).toFixed(1)} µs`;
  progress(
    `processor time an entry: ${micros(runs.map(({ processorMicros }) => processorMicros.service))} in the service, ${micros(runs.map(({ processorMicros }) => processorMicros.postgres))} in PostgreSQL; ${micros(peers.bare.map(({ processorMicros }) => processorMicros))} for COPY without indexes, ${micros(peers.indexed.map(({ processorMicros }) => processorMicros))} with them`,
  );

  await client.query('VACUUM ANALYZE audit.entry, audit.batch, audit.head');
  const service = await launchService('audit', platform, { LOG_LEVEL: 'warn' });
  const searches = await searchTimes(platform, staffIds, endTime).finally(() => service.stop());
  console.table(searches);
  const slowest = searches.map(({ mostMs }) => 1_000 / mostMs);

  const rates = (copied: readonly Copied[]): number[] => copied.map(({ rowsPerSecond }) => rowsPerSecond);
  const consumed = runs.map(({ entriesPerSecond }) => entriesPerSecond);
  return [
    compare(
      'entries consumed, chained and anchored',
      'entries/s',
      consumed,
      { name: 'COPY without indexes', values: rates(peers.bare) },
      0.4,
      0.6,
    ),
    compare(
      'entries consumed, chained and anchored',
      'entries/s',
      consumed,
      { name: 'COPY with its indexes', values: rates(peers.indexed) },
      0.4,
      0.6,
    ),
    compare('entries verified', 'entries/s', verified, { name: 'SHA-256 as they are read', values: peers.stored }, 0.5),
    compare('entries verified', 'entries/s', verified, { name: 'SHA-256 in memory', values: peers.inMemory }, 0.5),
    compare(
      'slowest first page of a search',
      'pages/s',
      [Math.min(...slowest)],
      { name: 'one a second', values: [1_000 / pageLimitMs] },
      1,
    ),
  ];
}
