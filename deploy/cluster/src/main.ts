/** A trial of BankCRM on a real cluster, step by step: node deploy/cluster/src/main.ts <step>, see README.md. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { balancesOf, compareBooks, sendBooks } from './books.ts';
import { openGateway } from './gateway.ts';
import { gatewayAddress, makeSecrets, upgrade } from './install.ts';
import { killPods } from './kill.ts';
import { type LoadResult, startLoad, until } from './load.ts';
import { makePeople, tokenOf } from './people.ts';
import { refusals } from './refusals.ts';
import { serveUntilTold } from './servers.ts';
import { run } from './shell.ts';
import { kubectl, say, serversOf, site } from './site.ts';
import { startWeighing } from './weigh.ts';

interface Holding {
  balance?: { currencyCode: string; units?: string; nanos?: number };
}

const rm = '900001';
const firstSeed = 11;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    address: { type: 'string' },
    tag: { type: 'string', default: '0.1.0' },
    to: { type: 'string' },
    requests: { type: 'string', default: '20000' },
    people: { type: 'string', default: '12' },
    seed: { type: 'string', default: '21' },
  },
});

const steps: Record<string, () => Promise<void>> = {
  /** PostgreSQL, Kafka, Keycloak and a mail sink beside the cluster, at an address that pods reach; until Ctrl-C. */
  async servers() {
    if (!options.address) throw new Error('--address: an address of this machine that pods reach');
    await serveUntilTold(options.address);
  },

  async install() {
    await makeSecrets();
    say(`installed: every pod ready after ${await upgrade(options.tag)} s`);
    const gateway = await openEdge();
    await makePeople(gateway);
    gateway.close();
  },

  /** What the core bank sends through Kafka the manager sees. */
  async use() {
    const gateway = await openEdge();
    say(`the core bank sent ${await sendBooks(firstSeed)} messages`);
    const { accounts, transactions } = await compareBooks(firstSeed);
    say(`the books agree: ${accounts} accounts, ${transactions} postings`);
    const token = await tokenOf(rm)();
    const [customer] = (await gateway.ask('/v1/customers?pageSize=1', { token })).body.customers;
    const { status, body } = await gateway.ask(`/v1/${customer.name}:view360`, { token });
    const shown = ((body.holdings ?? []) as Holding[]).flatMap(({ balance }) =>
      balance?.currencyCode === 'CNY' ? [BigInt(balance.units ?? 0) * 100n + BigInt((balance.nanos ?? 0) / 10_000_000)] : [],
    );
    const wanted = balancesOf(firstSeed, customer.primaryNumber);
    const missing = wanted.filter((balance) => !shown.includes(balance));
    if (status !== 200 || wanted.length === 0 || missing.length > 0)
      throw new Error(`${customer.name}: ${status}, ${missing.length} of ${wanted.length} balances are not in its 360`);
    say(
      `the manager signed in by Keycloak's page; the 360 of ${customer.name} shows the ${wanted.length} balances that the core bank sent`,
    );
    gateway.close();
  },

  /** From one version to another while people work, and there and back again until they have asked often enough. */
  async upgrade() {
    if (!options.to) throw new Error('--to: the version to go to');
    const result = await underLoad(`from version to version, ${options.to} first`, async (turn) => {
      if (turn % 2 === 0) say(`upgraded to ${options.to} in ${await upgrade(options.to!)} s`);
      else say(`rolled back in ${await rollBack()} s`);
    });
    await readBack(result);
  },

  async rollback() {
    say(`rolled back in ${await rollBack()} s`);
  },

  /** One pod after another dies while people write and the core bank sends. */
  async kill() {
    const seed = Number(options.seed);
    const sending = sendBooks(seed, 150);
    const result = await underLoad('the kills', () => killPods(sending), false);
    say(`the core bank sent ${await sending} messages`);
    const { accounts, transactions } = await compareBooks(seed);
    say(`the books agree: ${accounts} accounts, ${transactions} postings, none twice`);
    await readBack(result);
  },

  async refuse() {
    await refusals();
  },

  async remove() {
    await helm('uninstall', site.release, '--wait');
    await kubectl('delete', 'namespace', site.namespace);
  },
};

/** To the version before. Gives the seconds it took. */
async function rollBack(): Promise<number> {
  const began = performance.now();
  await helm('rollback', site.release, '--wait', '--timeout', '10m');
  return Math.round((performance.now() - began) / 1_000);
}

const helm = (...args: string[]): Promise<string> => run('helm', ['-n', site.namespace, ...args]);

async function openEdge() {
  const address = await gatewayAddress();
  return openGateway({ address, name: site.gatewayName, ca: readFileSync(serversOf().tls!.caFile, 'utf8') });
}

async function customersOf(gateway: Awaited<ReturnType<typeof openEdge>>): Promise<string[]> {
  const { body } = await gateway.ask('/v1/customers?pageSize=200', { token: await tokenOf(rm)() });
  return body.customers.map((one: { name: string }) => one.name);
}

/**
 * People work while something goes on, turn after turn until they have asked often enough; tells what became of their requests. Only the first 500 are made before
 * it begins.
 */
async function underLoad(what: string, work: (turn: number) => Promise<void>, mayFailNothing = true): Promise<LoadResult> {
  const gateway = await openEdge();
  const customers = await customersOf(gateway);
  const load = startLoad({
    gateway,
    token: tokenOf(rm),
    customers,
    people: Number(options.people),
    onFailure: (failure) => say(`failed: ${failure}`),
  });
  const weighed = startWeighing();
  await until('the people to be at work', 60, async () => load.count() > 500);
  say(`${options.people} people work; now ${what}`);
  for (let turn = 0; turn === 0 || load.count() < Number(options.requests); turn += 1) await work(turn);
  const result = await load.stop();
  for (const { service, cpu, mostCpu, mostMemory } of await weighed())
    say(`a replica of ${service} took ${cpu} m of a core, ${mostCpu} m at most, and ${mostMemory} MiB at most`);
  gateway.close();
  const perSecond = Math.round(result.requests / result.seconds);
  say(
    `${what}: ${result.failed.length} failed of ${result.requests} requests (${perSecond}/s; median ${result.median} ms, 99 % ${result.p99} ms, slowest ${result.slowest} ms), ${result.written.length} interactions acknowledged`,
  );
  if (mayFailNothing && result.failed.length > 0) process.exitCode = 1;
  return result;
}

/** Every interaction that was acknowledged is there, once. */
async function readBack({ written }: LoadResult): Promise<void> {
  const gateway = await openEdge();
  const token = tokenOf(rm);
  let lost = 0;
  let doubled = 0;
  for (const [customer, ones] of Map.groupBy(written, (one) => one.customer)) {
    const wanted = new Set(ones.map(({ summary }) => summary));
    const found = new Map<string, number>();
    let pageToken = '';
    do {
      const path = `/v1/${customer}/interactions?pageSize=200${pageToken && `&pageToken=${encodeURIComponent(pageToken)}`}`;
      const { body } = await gateway.ask(path, { token: await token() });
      for (const { summary } of body.interactions ?? [])
        if (wanted.has(summary)) found.set(summary, (found.get(summary) ?? 0) + 1);
      pageToken = body.nextPageToken ?? '';
    } while (pageToken);
    lost += wanted.size - found.size;
    doubled += [...found.values()].filter((times) => times > 1).length;
  }
  gateway.close();
  say(`of ${written.length} acknowledged interactions ${lost} are lost and ${doubled} are there twice`);
  if (lost + doubled > 0) process.exitCode = 1;
}

const [step = ''] = positionals;
const work = Object.hasOwn(steps, step) ? steps[step]! : undefined;
if (!work) {
  console.error(`Which step? One of: ${Object.keys(steps).join(', ')}.`);
  process.exit(2);
}
await work();
