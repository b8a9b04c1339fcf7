import { AppError, exhausted, unavailable } from '@bankcrm/kernel';
import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
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

const minuteMs = 60_000;
const hourMs = 3_600_000;

export interface RateLimits {
  /** Counts a request of a known caller. Throws EXHAUSTED `RATE_LIMITED`. */
  countCaller(request: FastifyRequest): Promise<void>;
  /** Counts a request that nobody known makes, by its address. */
  countAddress(request: FastifyRequest): Promise<void>;
  /** Counts the opening of a link, by its address. Throws EXHAUSTED `RATE_LIMITED`, also where the address has tried too many wrong tokens. */
  countLink(request: FastifyRequest): Promise<void>;
  /** Counts a link that turned out to lead nowhere. Calls under way are not counted yet: side by side an address may try as many as it may open. */
  countWrongLink(request: FastifyRequest): Promise<void>;
}

/**
 * Requests with a valid token count against their caller, all others against their address: people of one branch share an address, and one of
 * them must not be able to shut the others out. Links are counted by themselves; of IPv6, where one machine has any number of addresses, by the
 * network of 64 bits.
 */
export async function addRateLimits(
  app: FastifyInstance,
  limits: { rateLimitPerMinute: number; linkCallsPerMinute: number; wrongLinksPerHour: number },
): Promise<RateLimits> {
  await app.register(rateLimit, { global: false, cache: 50_000 });
  const counter = (options: CreateRateLimitOptions) => {
    const count = app.createRateLimit(options);
    return async (request: FastifyRequest): Promise<void> => {
      const state = await count(request);
      if (!state.isAllowed && state.isExceeded) throw rateLimited(state);
    };
  };
  const usual = { max: limits.rateLimitPerMinute, timeWindow: minuteMs };
  const openings = counter({ max: limits.linkCallsPerMinute, timeWindow: minuteMs });
  const wrongLinks = app.createRateLimit({ max: limits.wrongLinksPerHour, timeWindow: hourMs });
  return {
    countCaller: counter({ ...usual, keyGenerator: ({ state }) => callerName(state.caller) ?? '' }),
    countAddress: counter({ ...usual, keyGenerator: ({ ip }) => ip }),
    countLink: async (request) => {
      const wrong = await wrongLinks(request, { increment: false });
      if (!wrong.isAllowed && wrong.remaining === 0) throw rateLimited(wrong);
      await openings(request);
    },
    countWrongLink: async (request) => {
      await wrongLinks(request);
    },
  };
}

const rateLimited = ({ max, ttlInSeconds }: { max: number; ttlInSeconds: number }): AppError =>
  exhausted('RATE_LIMITED', { limit: max, retry_after_seconds: ttlInSeconds });

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
