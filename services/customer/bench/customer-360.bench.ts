import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Bench, Sizes } from '@bankcrm/bench/bench.ts';
import { loadGenerator } from '@bankcrm/bench/load-generator.ts';
import { progress, withDatabase, withPlatform } from '@bankcrm/bench/platform.ts';
import { type Comparison, compare } from '@bankcrm/bench/stats.ts';
import { databasesOf, demoBankFile, type RunningServices, signIn } from '@bankcrm/local';
import { publish, readBank, simulate } from '@bankcrm/simulator';
import type { PeerConfig } from './customer-360/view.ts';
import { gonePast, marksOf, snapshotTopics, transactionTopics } from './sync/positions.ts';

const connections = 16;
const warmUpSeconds = 3;
const roundSeconds = 6;
const loadLimitMs = 15 * 60_000;

/** Customer 360 of a relationship manager's own customers: through the gateway with every check, and through two servers without any. */
export const bench: Bench = { sizes: { customers: 20_000 }, rounds: 5, run };

async function run({ customers = 0 }: Sizes, rounds: number): Promise<Comparison[]> {
  let comparisons: Comparison[] = [];
  const env = {
    gateway: { RATE_LIMIT_PER_MINUTE: '10000000', LOG_LEVEL: 'warn' },
    customer: { LOG_LEVEL: 'warn' },
    directory: { LOG_LEVEL: 'warn' },
  };
  await withPlatform(env, async (platform) => {
    await loadBank(platform, customers);
    comparisons = await measure(platform, rounds);
  });
  return comparisons;
}

async function loadBank(platform: RunningServices, customers: number): Promise<void> {
  progress(`loading ${customers} customers`);
  const { brokers } = platform.kafka;
  await publish(simulate({ customers, months: 3, seed: 1, bank: readBank(demoBankFile) }), { brokers });
  const marks = await marksOf(brokers, [...snapshotTopics, ...transactionTopics]);
  const total = marks.reduce((sum, mark) => sum + Number(mark.high - mark.low), 0);
  const end = performance.now() + loadLimitMs;
  await withDatabase(platform, async (client) => {
    while ((await gonePast(client, marks)) < total) {
      if (performance.now() > end) throw new Error('the bank was not loaded within the limit');
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    await client.query('VACUUM ANALYZE');
  });
}

async function measure(platform: RunningServices, rounds: number): Promise<Comparison[]> {
  const { staffId, staffNumber, customerIds } = await busiestManager(platform);
  progress(`relationship manager ${staffNumber} with ${customerIds.length} customers`);
  const config: PeerConfig = {
    databaseUrl: databasesOf(platform, 'customer').request,
    staffId,
    port: platform.portBase + 80,
    grpcPort: platform.portBase + 82,
  };
  const twoConfig = { ...config, port: config.port + 1 };
  const peers = [
    await start('customer-360/peer-one-process.ts', config),
    await start('customer-360/peer-two-processes.ts', twoConfig, 'service'),
    await start('customer-360/peer-two-processes.ts', twoConfig),
  ];
  const ours: number[] = [];
  const one: number[] = [];
  const two: number[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const token = await signIn(platform, staffNumber);
      const seconds = round === 0 ? warmUpSeconds : roundSeconds;
      const results = [
        await requestsPerSecond(
          platform.gateway.url,
          customerIds.map((id) => `/v1/customers/${id}:view360`),
          seconds,
          token,
        ),
        await requestsPerSecond(
          `http://127.0.0.1:${config.port}`,
          customerIds.map((id) => `/v1/customers/${id}`),
          seconds,
        ),
        await requestsPerSecond(
          `http://127.0.0.1:${twoConfig.port}`,
          customerIds.map((id) => `/v1/customers/${id}`),
          seconds,
        ),
      ] as const;
      progress(round === 0 ? 'warm' : `round ${round} of ${rounds}: ${results.map(Math.round).join(' / ')} requests/s`);
      if (round === 0) continue;
      ours.push(results[0]);
      one.push(results[1]);
      two.push(results[2]);
    }
  } finally {
    for (const peer of peers) peer.kill();
  }
  return [
    compare('customer 360 through the gateway', 'requests/s', ours, { name: 'bare fastify + pg', values: one }, 0.3, 0.45),
    compare(
      'customer 360 through the gateway',
      'requests/s',
      ours,
      { name: 'bare fastify → grpc-js → pg', values: two },
      0.6,
      0.8,
    ),
  ];
}

async function busiestManager(
  platform: RunningServices,
): Promise<{ staffId: string; staffNumber: string; customerIds: string[] }> {
  return withDatabase(platform, async (client) => {
    const { rows } = await client.query<{ rm_staff_id: string; rm_staff_number: string; ids: string[] }>(
      `SELECT rm_staff_id, rm_staff_number, array_agg(customer_id::text) AS ids FROM customer.customer
       WHERE rm_staff_id IS NOT NULL AND state = 'ACTIVE' AND NOT restricted GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1`,
    );
    const [busiest] = rows;
    if (!busiest) throw new Error('no relationship manager has customers');
    return { staffId: busiest.rm_staff_id, staffNumber: busiest.rm_staff_number, customerIds: busiest.ids };
  });
}

async function start(script: string, config: PeerConfig, ...args: string[]) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(config), ...args]);
  await once(child, 'message', { signal: AbortSignal.timeout(20_000) });
  return child;
}

/** Throws when any reply is not a success: a server that refuses is fast and worthless. */
async function requestsPerSecond(url: string, paths: readonly string[], seconds: number, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const result = await loadGenerator()({
    url,
    connections,
    duration: seconds,
    requests: paths.map((path) => ({ method: 'GET', path, headers })),
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${failed} requests to ${url} failed`);
  return result.requests.average;
}
