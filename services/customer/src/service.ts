import { setTimeout as pause } from 'node:timers/promises';
import { blindIndex, fieldCrypto, keycloakTokenVerifier, readKeys, StaffDirectory } from '@bankcrm/access';
import { inTransaction, nobody, openPool, sweepRequests } from '@bankcrm/database';
import { appendToOutbox, startRelay, sweepDeadLetters } from '@bankcrm/events';
import { type Clock, civilDate } from '@bankcrm/kernel';
import {
  auditEvent,
  feedStaffDirectory,
  GrpcServer,
  type Health,
  kafkaConnection,
  type Lifecycle,
  type Log,
  openChannel,
  pageTokens,
  RefusalLog,
  Repeat,
  readTls,
  serveHealth,
  serviceToken,
} from '@bankcrm/service';
import { openDataKeys } from './adapters/data-keys.ts';
import { addCoreBankingSync } from './adapters/grpc/core-banking-sync.ts';
import { addCustomers } from './adapters/grpc/customers.ts';
import { addInteractions } from './adapters/grpc/interactions.ts';
import { type Consumers, startConsumers } from './adapters/kafka/consumers.ts';
import { decode } from './adapters/kafka/decode.ts';
import { corrected, jsonOf } from './adapters/kafka/letters.ts';
import { sourceOf } from './adapters/kafka/source-of.ts';
import { controlTopic, coreTopics, orgUnitsTopic } from './adapters/kafka/topics.ts';
import { migrateCustomer } from './adapters/migrations.ts';
import { applyMessages } from './app/sync/apply-messages.ts';
import { backgroundWork } from './app/sync/background.ts';
import type { SyncDeps } from './app/sync/deps.ts';
import { KnownKeys } from './app/sync/known-keys.ts';
import { reconcile } from './app/sync/reconcile.ts';
import { SyncPauses } from './app/sync/sync-pauses.ts';
import { SyncProgress } from './app/sync/sync-progress.ts';
import type { Config } from './config.ts';

const service = 'customer';
const sweepEveryMs = 300_000;
/** How long ago the database was last read for the service to count as ready. */
const databaseSilenceMs = 5_000;

/** Starts everything and registers how it stops. Throws when the database cannot be brought up to date. */
export async function startCustomer(options: {
  config: Config;
  clock: Clock;
  log: Log;
  lifecycle: Pick<Lifecycle, 'onStop' | 'stopping'>;
  metrics: Health['metrics'];
}): Promise<void> {
  const { config, clock, log, lifecycle, metrics } = options;
  await migrateCustomer(config.DATABASE_URL_OWNER);
  const requests = openPool({
    url: config.DATABASE_URL_REQUEST,
    name: `${service}-request`,
    maxConnections: 20,
    statementTimeoutMs: 5_000,
  });
  const workers = openPool({
    url: config.DATABASE_URL_WORKER,
    name: `${service}-worker`,
    maxConnections: 24,
    statementTimeoutMs: 60_000,
  });
  const keys = readKeys(config.KEYS_FILE, ['kek', 'index', 'audit', 'pageToken']);
  const tls = readTls(config);
  const dataKeys = await openDataKeys(workers, keys);
  const fields = fieldCrypto(dataKeys.field);
  const index = blindIndex(keys.index);

  const staff = new StaffDirectory(clock, {
    highPrivilegeAfterMs: config.DIRECTORY_SILENCE_HIGH_PRIVILEGE_MS,
    everythingAfterMs: config.DIRECTORY_SILENCE_EVERYTHING_MS,
  });
  const stopping = new AbortController();
  const channel = openChannel(config.DIRECTORY_ADDRESS, tls);
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config;
  const token = serviceToken({ issuer, clientId, clientSecret, clock });
  feedStaffDirectory({ channel, token, staff, log, signal: stopping.signal });

  const known = new KnownKeys();
  known.forgetWhenBroken(workers);
  const syncDeps: SyncDeps = {
    fields,
    index,
    auditKeys: keys.audit,
    staff,
    known,
    bankCurrency: config.BANK_CURRENCY,
    today: (now) => civilDate(now, config.BANK_TIME_ZONE),
  };
  const apply = applyMessages(syncDeps, workers);
  const sealer = fieldCrypto(dataKeys.message);
  const kafka = kafkaConnection(config, service);
  const pauses = new SyncPauses(workers);
  const progress = new SyncProgress(workers, clock);
  let databaseReadAt = 0;
  const readPauses = async (): Promise<void> => {
    await pauses.refresh();
    databaseReadAt = clock.now().getTime();
  };
  await readPauses();

  let consumers: Consumers | undefined;
  const consumersStarted = untilStaffKnown(staff, config.STAFF_WAIT_MS, stopping.signal).then(() => {
    if (stopping.signal.aborted) return;
    consumers = startConsumers(
      {
        kafka,
        topicPrefix: config.KAFKA_TOPIC_PREFIX,
        workers,
        sealer,
        clock,
        log,
        decode,
        apply,
        sourceOf,
        pausedSources: pauses.on,
      },
      config.PANEL_TOPICS,
    );
  });
  const relay = startRelay({
    kafka,
    service,
    databaseUrl: config.DATABASE_URL_WORKER,
    log,
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
  });
  const background = backgroundWork(workers, syncDeps, clock);
  const lag = async () => (await consumers?.lag()) ?? [];
  const loop = (name: string, everyMs: number, work: () => Promise<unknown>) => {
    const repeated = new Repeat({ name, everyMs, work: async () => (await work()) === true, log });
    repeated.soon();
    return repeated;
  };
  const sweep = (swept: typeof sweepRequests) => async () =>
    (await inTransaction(workers, nobody, (tx) => swept(tx, clock.now()))) > 0;
  const loops = [
    loop('read-pauses', 500, readPauses),
    loop('sample-progress', 5_000, () => progress.sample()),
    loop('refresh-totals', 500, background.refreshTotals),
    loop('move-maturities', 5_000, background.moveMaturities),
    loop('place-customers', 1_000, background.placeCustomers),
    loop('reconcile', 5_000, reconcile({ workers, lag, clock, log, everyMs: config.RECONCILE_EVERY_MS })),
    loop('sweep-requests', sweepEveryMs, sweep(sweepRequests)),
    loop('sweep-dead-letters', sweepEveryMs, sweep(sweepDeadLetters)),
  ];

  const refusals = new RefusalLog({
    service,
    clock,
    log,
    write: (entries) => inTransaction(workers, nobody, (tx) => appendToOutbox(tx, entries.map(auditEvent))),
  });
  const verifier = keycloakTokenVerifier({ issuer, audience: config.OIDC_AUDIENCE, clock });
  const server = new GrpcServer({ verifier, staff, log, onRefusal: refusals.record });
  const pages = pageTokens(fieldCrypto(keys.pageToken));
  const customerDeps = {
    requests,
    clock,
    staff,
    fields,
    sealer,
    index,
    auditKeys: keys.audit,
    pages,
    bankCurrency: config.BANK_CURRENCY,
    timeZone: config.BANK_TIME_ZONE,
    revealsPerDay: config.REVEALS_PER_DAY,
    lookupsPerDay: config.LOOKUPS_PER_DAY,
  };
  addCustomers(server, customerDeps);
  addInteractions(server, customerDeps);
  addCoreBankingSync(server, {
    requests,
    workers,
    clock,
    topics: [...Object.values(coreTopics), controlTopic, orgUnitsTopic, ...config.PANEL_TOPICS],
    coreTopics: Object.values(coreTopics),
    lag,
    progress,
    sealer,
    auditKeys: keys.audit,
    pages,
    decode,
    apply,
    jsonOf,
    corrected,
  });
  await server.listen(config.HOST, config.GRPC_PORT, tls);
  const health = await serveHealth(config.HOST, config.HEALTH_PORT, {
    ready: {
      running: () => !lifecycle.stopping,
      database: () => clock.now().getTime() - databaseReadAt < databaseSilenceMs,
      staff: () => staff.caughtUp,
    },
    parts: { stream: () => consumers?.isHealthy() ?? false, outbox: () => relay.isHealthy() },
    metrics,
  });

  lifecycle.onStop('calls', 15_000, () => server.stop(12_000));
  lifecycle.onStop('stream', 45_000, async () => {
    stopping.abort();
    await consumersStarted;
    await consumers?.stop();
  });
  lifecycle.onStop('background work', 20_000, async () => {
    await Promise.all([...loops.map((running) => running.stop()), refusals.stop()]);
  });
  lifecycle.onStop('outbox', 16_000, () => relay.stop());
  lifecycle.onStop('connections', 5_000, async () => {
    await Promise.all([requests.end(), workers.end()]);
    channel.close();
    health.closeAllConnections();
    health.close();
  });
  log.info({ grpc_port: config.GRPC_PORT }, 'the customer service serves');
}

async function untilStaffKnown(staff: StaffDirectory, waitMs: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + waitMs;
  while (!staff.caughtUp && !signal.aborted && performance.now() < end) await pause(50, undefined, { signal }).catch(() => {});
}
