import type { TokenVerifier } from '@bankcrm/access';
import { systemClock } from '@bankcrm/kernel';
import type { Log, Tls } from '@bankcrm/service';
import type { Client } from '@grpc/grpc-js';
import { type FastifyInstance, fastify } from 'fastify';
import { refusedCallers } from './app/refused-callers.ts';
import { allBindings, areas } from './app/transcoding/bindings.ts';
import { answerClientError } from './entry/http/client-errors.ts';
import { addDocs } from './entry/http/docs.ts';
import { addErrors, sendRouterError } from './entry/http/errors.ts';
import * as limits from './entry/http/limits.ts';
import { addNotFound } from './entry/http/not-found.ts';
import { addRoutes } from './entry/http/routes.ts';
import { addCompression, addCors, addSecurityHeaders } from './entry/http/security.ts';
import { addTelemetry } from './entry/http/telemetry.ts';
import { addHeadChecks } from './entry/http/well-formed.ts';

export interface GatewayOptions {
  verifier: TokenVerifier;
  /** By area: `customer`; not every area need have one. */
  channels: ReadonlyMap<string, Client>;
  log: Log;
  /** Makes it HTTPS; callers need no certificate. */
  tls?: Pick<Tls, 'cert' | 'key'> | undefined;
  issuer: string;
  publicUrl?: string | undefined;
  corsOrigins: readonly string[];
  trustedProxies: readonly string[];
  rateLimitPerMinute: number;
  linkCallsPerMinute: number;
  wrongLinksPerHour: number;
  maxConcurrentRequests: number;
  maxEventLoopDelayMs: number;
  /** For the head of a request, and for all of it, to arrive. */
  headLimitMs: number;
  requestLimitMs: number;
  /** True once the gateway is stopping: replies then ask their callers to come back on another connection. */
  draining: () => boolean;
}

/** The whole HTTP edge, ready to listen. */
export async function buildGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const http = {
    maxHeaderSize: limits.headLimitBytes,
    // Missed with a problem document instead.
    requireHostHeader: false,
    headersTimeout: options.headLimitMs,
    connectionsCheckingInterval: Math.min(options.headLimitMs, options.requestLimitMs) / 5,
  };
  const app = fastify({
    logger: false,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    bodyLimit: limits.bodyLimitBytes,
    requestTimeout: options.requestLimitMs,
    connectionTimeout: limits.silenceLimitMs,
    keepAliveTimeout: limits.idleLimitMs,
    forceCloseConnections: 'idle',
    // A request that still comes in on an open connection while we stop is answered like any other.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    ...(options.tls
      ? { https: { ...http, cert: options.tls.cert, key: options.tls.key, handshakeTimeout: options.headLimitMs } }
      : { http }),
    clientErrorHandler: answerClientError,
    frameworkErrors: sendRouterError,
    routerOptions: {
      maxParamLength: limits.idLimitCharacters,
      // Read by the operation itself, which knows the types.
      querystringParser: (text) => ({ text }),
    },
  });
  addTelemetry(app, options.log);
  addErrors(app, options.log);
  addHeadChecks(app);
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (options.draining()) reply.header('connection', 'close');
    done(null, payload);
  });
  await addSecurityHeaders(app);
  await addCors(app, options.corsOrigins);
  await limits.addLoadShedding(app, options);
  await addCompression(app);
  const rateLimits = await limits.addRateLimits(app, options);

  const bindings = allBindings();
  const silent = areas().filter((area) => !options.channels.has(area));
  if (silent.length > 0)
    options.log.warn({ areas: silent }, 'no address is known: operations of these areas are answered with 503');
  addNotFound(app, bindings, rateLimits);
  await app.register(async (docs) => {
    docs.addHook('onRequest', (request) => rateLimits.countAddress(request));
    await addDocs(docs, { issuer: options.issuer, publicUrl: options.publicUrl });
  });
  const refused = refusedCallers({ ...options, clock: systemClock });
  app.addHook('onClose', () => refused.stop());
  await app.register(async (api) => addRoutes(api, { ...options, bindings, rateLimits, refused }));
  await app.ready();
  return app;
}
