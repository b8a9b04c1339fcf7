import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fieldCrypto, keycloakTokenVerifier, permissionTable, readKeys, StaffDirectory } from '@bankcrm/access';
import { inTransaction, nobody, openPool, sweepRequests } from '@bankcrm/database';
import { appendToOutbox, startRelay } from '@bankcrm/events';
import type { Clock } from '@bankcrm/kernel';
import {
  auditEvent,
  GrpcServer,
  type Health,
  kafkaConnection,
  type Lifecycle,
  type Log,
  pageTokens,
  RefusalLog,
  Repeat,
  readTls,
  serveHealth,
  serviceToken,
} from '@bankcrm/service';
import { openDatabase } from './adapters/database.ts';
import { addServices } from './adapters/grpc.ts';
import { keycloakAccounts } from './adapters/identity-provider.ts';
import { migrateDirectory } from './adapters/migrations.ts';
import { hearChanges } from './adapters/notifications.ts';
import { records } from './adapters/records.ts';
import { StaffFeed } from './adapters/staff-feed.ts';
import { rolesToWire } from './adapters/wire.ts';
import { bootstrapAdmin } from './app/bootstrap-admin.ts';
import { importBank, readBankFile } from './app/import-bank.ts';
import { publishRoles } from './app/publish-roles.ts';
import { reconciler } from './app/reconcile.ts';
import type { Config } from './config.ts';
import { temporaryPassword } from './domain/account.ts';

const service = 'directory';
const reconcileEveryMs = 1_000;
const sweepRequestsEveryMs = 300_000;

/** Starts everything and registers how it stops. Throws when the database cannot be brought up to date. */
export async function startDirectory(options: {
  config: Config;
  clock: Clock;
  log: Log;
  lifecycle: Pick<Lifecycle, 'onStop' | 'stopping'>;
  metrics: Health['metrics'];
  /** How often accounts are compared with what is wanted, whether or not anything changed here. */
  compareAccountsEveryMs?: number;
}): Promise<void> {
  const { config, clock, log, lifecycle, metrics, compareAccountsEveryMs = 300_000 } = options;
  await migrateDirectory(config.DATABASE_URL_OWNER);
  const keys = readKeys(config.KEYS_FILE);
  const tls = readTls(config);
  const requestPool = openPool({
    url: config.DATABASE_URL_REQUEST,
    name: `${service}-request`,
    maxConnections: 10,
    statementTimeoutMs: 5_000,
  });
  const workerPool = openPool({
    url: config.DATABASE_URL_WORKER,
    name: `${service}-worker`,
    maxConnections: 8,
    statementTimeoutMs: 10_000,
  });
  const database = openDatabase(requestPool);
  const workerDatabase = openDatabase(workerPool);

  const roles = rolesToWire(permissionTable);
  const ownDeps = { database: workerDatabase, records: records(keys.audit), clock };
  await publishRoles(ownDeps, roles);
  const { DEMO_BANK_FILE, BOOTSTRAP_ADMIN_STAFF_NUMBER: staffNumber, BOOTSTRAP_ADMIN_EMAIL: email } = config;
  if (DEMO_BANK_FILE)
    log.info(await importBank(ownDeps, readBankFile(DEMO_BANK_FILE), permissionTable), 'imported the demo bank');
  if (staffNumber && email && (await bootstrapAdmin(ownDeps, { staffNumber, email })))
    log.info({}, 'created the first administrator');

  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config;
  const identityProvider = keycloakAccounts({
    baseUrl: config.KEYCLOAK_ADMIN_URL,
    realm: config.KEYCLOAK_REALM,
    token: serviceToken({ issuer, clientId, clientSecret, clock }),
  });
  const reconcile = reconciler({ pool: workerPool, identityProvider, clock, log });
  const reconcileLoop = new Repeat({ name: 'reconcile', everyMs: reconcileEveryMs, work: reconcile.due, log });
  const accountSweep = new Repeat({
    name: 'compare-accounts',
    everyMs: compareAccountsEveryMs,
    work: async () => {
      if (await reconcile.compare()) reconcileLoop.soon();
      return false;
    },
    log,
  });
  const requestSweep = new Repeat({
    name: 'sweep-requests',
    everyMs: sweepRequestsEveryMs,
    work: async () => (await inTransaction(workerPool, nobody, (tx) => sweepRequests(tx, clock.now()))) > 0,
    log,
  });

  const feed = new StaffFeed({ pool: workerPool, roles, clock, log });
  const stopping = new AbortController();
  hearChanges({ url: config.DATABASE_URL_WORKER, heard: feed.soon, log, signal: stopping.signal });
  const staff = new StaffDirectory(clock);
  followFeed(feed, staff, stopping.signal);

  const refusals = new RefusalLog({
    service,
    clock,
    log,
    write: (entries) => inTransaction(workerPool, nobody, (tx) => appendToOutbox(tx, entries.map(auditEvent))),
  });
  const relay = startRelay({
    kafka: kafkaConnection(config, service),
    service,
    databaseUrl: config.DATABASE_URL_WORKER,
    log,
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
  });

  const verifier = keycloakTokenVerifier({ issuer, audience: config.OIDC_AUDIENCE, clock });
  const server = new GrpcServer({ verifier, staff, log, onRefusal: refusals.record });
  addServices(server, {
    database,
    records: ownDeps.records,
    clock,
    sealer: fieldCrypto(keys.reply),
    tokens: pageTokens(fieldCrypto(keys.pageToken)),
    roles,
    roleIds: new Set(roles.map(({ id }) => id)),
    reconcile,
    reconcileSoon: reconcileLoop.soon,
    identityProvider,
    feed,
    temporaryPassword: () => temporaryPassword(randomBytes(256)),
  });
  await server.listen(config.HOST, config.GRPC_PORT, tls);
  const health = await serveHealth(config.HOST, config.HEALTH_PORT, {
    ready: {
      running: () => !lifecycle.stopping,
      database: () => feed.fresh,
      staff: () => staff.caughtUp,
    },
    parts: { outbox: () => relay.isHealthy() },
    metrics,
  });

  lifecycle.onStop('feed', 2_000, () => feed.stop());
  lifecycle.onStop('calls', 15_000, () => server.stop(12_000));
  lifecycle.onStop('background work', 25_000, async () => {
    stopping.abort();
    await Promise.all([accountSweep.stop(), reconcileLoop.stop(), requestSweep.stop(), refusals.stop()]);
  });
  lifecycle.onStop('outbox', 16_000, () => relay.stop());
  lifecycle.onStop('connections', 5_000, async () => {
    await Promise.all([database.close(), workerDatabase.close()]);
    await Promise.all([requestPool.end(), workerPool.end()]);
    health.closeAllConnections();
    health.close();
  });
  log.info({ grpc_port: config.GRPC_PORT }, 'the directory serves');
}

/** The service's own staff directory, fed like everybody else's. */
function followFeed(feed: StaffFeed, staff: StaffDirectory, signal: AbortSignal): void {
  const follow = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        for await (const message of feed.watch(staff.revision, signal)) staff.apply(message);
      } catch {
        // Not yet, or no longer, read from the database: readiness and silence limits say so.
      }
      await pause(100, undefined, { signal, ref: false }).catch(() => {});
    }
  };
  void follow();
}
