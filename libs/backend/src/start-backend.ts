import { setTimeout as pause } from 'node:timers/promises';
import { defaultSilence, keycloakTokenVerifier, StaffDirectory } from '@bankcrm/access';
import { inTransaction, nobody, sweepRequests } from '@bankcrm/database';
import { appendToOutbox, startRelay, startStates, sweepDeadLetters } from '@bankcrm/events';
import {
  auditEvent,
  feedStaffDirectory,
  GrpcServer,
  type Health,
  kafkaConnection,
  type Lifecycle,
  openChannel,
  RefusalLog,
  Repeat,
  readTls,
  serveHealth,
  serviceToken,
} from '@bankcrm/service';
import type { Backend, Consumers, Platform } from './backend.ts';
import { lookAtOwnToken } from './look-at-own-token.ts';
import { lookForTopics } from './look-for-topics.ts';
import { openPlacements } from './open-placements.ts';
import { openParts, type Parts, type PartsOptions } from './parts.ts';
import { watchRowSecurity } from './row-security.ts';
import type { BackendConfig } from './settings.ts';
import { addHealth, addReflection } from './standard-services.ts';

export interface StartOptions<Config> extends PartsOptions<Config> {
  lifecycle: Pick<Lifecycle, 'onStop' | 'stopping'>;
  metrics: Health['metrics'];
  /** How often row-level security is looked at; 30 s by default. */
  rowSecurityEveryMs?: number;
}

const sweepEveryMs = 300_000;
const lookEveryMs = 1_000;
const rowSecurityEveryMs = 30_000;
/** How long ago the database may have answered for the service to count as ready. */
const databaseSilenceMs = 5_000;

/** Starts a service and registers how it stops. Throws when the database cannot be brought up to date, and what the service's own start throws. */
export async function startBackend<Config extends BackendConfig>(
  backend: Backend<Config>,
  options: StartOptions<Config>,
): Promise<void> {
  const { config, clock, log, lifecycle, metrics } = options;
  const parts = await openParts(backend, options);
  const { manifest, requests, workers } = parts;
  const service = manifest.name;
  const tls = readTls(config);
  const kafka = kafkaConnection(config, service);
  const stopping = new AbortController();
  const { signal } = stopping;

  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = config;
  const ownToken = () => serviceToken({ issuer, clientId, clientSecret, clock });
  const token = ownToken();
  const staff = new StaffDirectory(clock, {
    highPrivilegeAfterMs: config.DIRECTORY_SILENCE_HIGH_PRIVILEGE_MS ?? defaultSilence.highPrivilegeAfterMs,
    everythingAfterMs: config.DIRECTORY_SILENCE_EVERYTHING_MS ?? defaultSilence.everythingAfterMs,
  });
  if (config.DIRECTORY_ADDRESS === undefined && manifest.calls.includes('directory'))
    throw new Error('the configuration has no DIRECTORY_ADDRESS: staffSettings belong into it');
  const directory = config.DIRECTORY_ADDRESS === undefined ? undefined : openChannel(config.DIRECTORY_ADDRESS, tls);
  if (directory) feedStaffDirectory({ channel: directory, token, staff, log, signal });

  const loops: Repeat[] = [];
  const repeat: Platform<Config>['repeat'] = (name, everyMs, work) => {
    const loop = new Repeat({ name, everyMs, work: async () => (await work()) === true, log });
    loops.push(loop);
    return loop;
  };
  const onStop: Lifecycle['onStop'] = (...phase) => lifecycle.onStop(...phase);
  const own = await backend.start({ ...parts, staff, token, kafka, signal, repeat, onStop });

  let consumers: Consumers | undefined;
  const consumersStarted = own.consume
    ? untilStaffKnown(staff, config.STAFF_WAIT_MS ?? 0, signal).then(() => {
        if (!signal.aborted) consumers = own.consume!();
      })
    : undefined;
  const placements = openPlacements({ ...parts, sealer: own.sealer, kafka, repeat });
  const sending = { kafka, service, databaseUrl: config.DATABASE_URL_WORKER, log, topicPrefix: config.KAFKA_TOPIC_PREFIX };
  const relay = startRelay({ ...sending, sealer: own.sealer });
  const states = own.states && startStates({ ...sending, feeds: own.states, yieldTo: own.statesYieldTo });
  const sweep = (swept: typeof sweepRequests) => async () =>
    (await inTransaction(workers, nobody, (tx) => swept(tx, clock.now()))) > 0;
  repeat('sweep-requests', sweepEveryMs, sweep(sweepRequests)).soon();
  repeat('sweep-dead-letters', sweepEveryMs, sweep(sweepDeadLetters)).soon();

  const refusals = new RefusalLog({
    service,
    clock,
    log,
    write: (entries) => inTransaction(workers, nobody, (tx) => appendToOutbox(tx, entries.map(auditEvent))),
  });
  const verifier = keycloakTokenVerifier({ issuer, audience: config.OIDC_AUDIENCE, clock });
  const fresh = placements ? [placements.requireFresh] : [];
  const server = new GrpcServer({ verifier, staff, fresh, log, onRefusal: refusals.record });
  const everyMs = options.rowSecurityEveryMs ?? rowSecurityEveryMs;
  const rowSecurity = await watchRowSecurity({ schema: service, requests, workers, log, repeat, everyMs });
  const ready: Health['ready'] = {
    running: () => !lifecycle.stopping,
    ...(own.ready?.database ? {} : { database: await lookAtDatabase(parts, repeat) }),
    ...own.ready,
    'row-level-security': rowSecurity.holds,
    identity: lookAtOwnToken({ newToken: () => ownToken()(), verifier, log, repeat }),
    topics: lookForTopics({ manifest, kafka, topicPrefix: config.KAFKA_TOPIC_PREFIX, log, signal }),
    staff: () => staff.caughtUp,
    ...(placements ? { placements: () => placements.caughtUp } : {}),
  };
  own.serve(server);
  const endHealth = addHealth(server, () => Object.values(ready).every((holds) => holds()));
  addReflection(server, service);
  await server.listen(config.HOST, config.GRPC_PORT, tls);
  const health = await serveHealth(config.HOST, config.HEALTH_PORT, {
    ready,
    parts: {
      ...(own.consume ? { stream: () => consumers?.isHealthy() ?? false } : {}),
      ...(placements ? { placements: () => placements.isHealthy() } : {}),
      outbox: () => relay.isHealthy(),
      ...(states ? { states: () => states.isHealthy() } : {}),
      // Takes the service out of traffic as well; as a part somebody is called.
      'row-level-security': rowSecurity.holds,
      policies: rowSecurity.unchanged,
      ...own.parts,
    },
    metrics,
  });

  onStop('calls', 15_000, async () => {
    endHealth();
    await server.stop(12_000);
  });
  if (own.consume || placements)
    onStop('stream', 45_000, async () => {
      stopping.abort();
      await consumersStarted;
      await Promise.all([consumers?.stop(), placements?.stop()]);
    });
  onStop('background work', own.workEndsWithinMs ?? 20_000, async () => {
    stopping.abort();
    await Promise.all([...loops.map((loop) => loop.stop()), refusals.stop()]);
  });
  onStop('outbox', 16_000, async () => {
    await Promise.all([relay.stop(), states?.stop()]);
  });
  onStop('connections', 5_000, async () => {
    await own.close?.();
    await Promise.all([requests.end(), workers.end()]);
    directory?.close();
    health.closeAllConnections();
    health.close();
  });
  log.info({ grpc_port: config.GRPC_PORT }, 'the service serves');
}

/** Asks the database every second; gives whether it has answered lately. */
async function lookAtDatabase({ workers, clock }: Parts<unknown>, repeat: Platform<unknown>['repeat']): Promise<() => boolean> {
  let answered = Number.NEGATIVE_INFINITY;
  const look = async (): Promise<void> => {
    await workers.query('SELECT');
    answered = clock.now().getTime();
  };
  await look();
  repeat('look-at-database', lookEveryMs, look);
  return () => clock.now().getTime() - answered < databaseSilenceMs;
}

async function untilStaffKnown(staff: StaffDirectory, waitMs: number, signal: AbortSignal): Promise<void> {
  const end = performance.now() + waitMs;
  while (!staff.caughtUp && !signal.aborted && performance.now() < end) await pause(50, undefined, { signal }).catch(() => {});
}
