import '@bankcrm/service/telemetry';
import { setTimeout as wait } from 'node:timers/promises';
import { keycloakTokenVerifier } from '@bankcrm/access';
import { systemClock } from '@bankcrm/kernel';
import { Lifecycle, openChannel, openLog, readTls, serveHealth, startOrEnd } from '@bankcrm/service';
import { flushTelemetry, prometheus } from '@bankcrm/service/telemetry';
import { buildGateway } from './app.ts';
import { readConfig, serviceAddresses } from './config.ts';

const config = await startOrEnd(() => readConfig(process.env));
const log = openLog('gateway', config.LOG_LEVEL);
const lifecycle = new Lifecycle(log);

const tls = await startOrEnd(() => readTls(config));
const channels = new Map([...serviceAddresses(config)].map(([area, address]) => [area, openChannel(address, tls)]));
const app = await startOrEnd(() =>
  buildGateway({
    verifier: keycloakTokenVerifier({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE, clock: systemClock }),
    channels,
    log,
    tls,
    issuer: config.OIDC_ISSUER,
    publicUrl: config.PUBLIC_URL,
    corsOrigins: config.CORS_ORIGINS,
    trustedProxies: config.TRUSTED_PROXIES,
    rateLimitPerMinute: config.RATE_LIMIT_PER_MINUTE,
    linkCallsPerMinute: config.LINK_CALLS_PER_MINUTE,
    wrongLinksPerHour: config.WRONG_LINKS_PER_HOUR,
    maxConcurrentRequests: config.MAX_CONCURRENT_REQUESTS,
    maxEventLoopDelayMs: config.MAX_EVENT_LOOP_DELAY_MS,
    headLimitMs: config.HEAD_LIMIT_MS,
    requestLimitMs: config.REQUEST_LIMIT_MS,
    draining: () => lifecycle.stopping,
  }),
);

let listening = false;
const health = await serveHealth(config.HOST, config.HEALTH_PORT, {
  ready: { listening: () => listening, 'not stopping': () => !lifecycle.stopping },
  metrics: prometheus,
});
await startOrEnd(() => app.listen({ host: config.HOST, port: config.HTTP_PORT }));
listening = true;
log.info({ host: config.HOST, port: config.HTTP_PORT }, 'listening');

// Readiness is down from the first moment of stopping; connections are told to close with their next reply.
lifecycle.onStop('let load balancers notice', config.DRAIN_WAIT_MS + 1_000, () => wait(config.DRAIN_WAIT_MS));
lifecycle.onStop('answer what was accepted', 20_000, async () => {
  await app.close();
});
lifecycle.onStop('close', 2_000, () => {
  app.server.closeAllConnections();
  for (const channel of channels.values()) channel.close();
  health.close();
});
lifecycle.onStop('flush telemetry', 5_000, flushTelemetry);
