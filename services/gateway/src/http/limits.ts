import { AppError, exhausted, unavailable } from '@bankcrm/kernel';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { callerName } from './request-state.ts';

export const bodyLimitBytes = 1024 * 1024;
export const bodyTooLarge = (): AppError =>
  new AppError('INVALID', 'BODY_TOO_LARGE', {
    metadata: { limit_bytes: String(bodyLimitBytes) },
    fields: [{ field: 'body', description: `must be at most ${bodyLimitBytes} bytes long` }],
  });
/** Request line and headers together. */
export const headLimitBytes = 32 * 1024;
export const idLimitCharacters = 128;
/** Longer than load balancers keep idle connections, so that they close them, not we. */
export const idleLimitMs = 72_000;
/** Without a byte either way; longer than the longest deadline of a call. */
export const silenceLimitMs = 75_000;

const windowMs = 60_000;

export interface RateLimits {
  /** Counts a request of a known caller. Throws EXHAUSTED `RATE_LIMITED`. */
  countCaller(request: FastifyRequest): Promise<void>;
  /** Counts a request that nobody known makes, by its address. */
  countAddress(request: FastifyRequest): Promise<void>;
}

/**
 * Two counters. Requests with a valid token count against their caller, all others against their address: people of one
 * branch share an address, and one of them must not be able to shut the others out.
 */
export async function addRateLimits(app: FastifyInstance, perMinute: number): Promise<RateLimits> {
  await app.register(rateLimit, { global: false, max: perMinute, timeWindow: windowMs, cache: 50_000 });
  const counter = (keyGenerator: (request: FastifyRequest) => string) => {
    const count = app.createRateLimit({ keyGenerator, max: perMinute, timeWindow: windowMs });
    return async (request: FastifyRequest): Promise<void> => {
      const state = await count(request);
      if (!state.isAllowed && state.isExceeded)
        throw exhausted('RATE_LIMITED', { limit: perMinute, retry_after_seconds: state.ttlInSeconds });
    };
  };
  return {
    countCaller: counter(({ state }) => callerName(state.caller) ?? ''),
    countAddress: counter(({ ip }) => ip),
  };
}

/** Turns requests away, with 503, while too many run at once or the process cannot keep up. */
export async function addLoadShedding(
  app: FastifyInstance,
  limits: { maxConcurrentRequests: number; maxEventLoopDelayMs: number },
): Promise<void> {
  let running = 0;
  app.addHook('onRequest', (_request, reply, done) => {
    running += 1;
    reply.raw.once('close', () => {
      running -= 1;
    });
    done(running > limits.maxConcurrentRequests ? unavailable('OVERLOADED') : undefined);
  });
  await app.register(underPressure, {
    maxEventLoopDelay: limits.maxEventLoopDelayMs,
    pressureHandler: () => {
      throw unavailable('OVERLOADED');
    },
  });
}
