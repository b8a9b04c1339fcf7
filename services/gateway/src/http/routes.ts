import type { TokenVerifier } from '@bankcrm/access';
import { unauthenticated } from '@bankcrm/kernel';
import { callUnary } from '@bankcrm/service';
import type { Client } from '@grpc/grpc-js';
import { context } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalid } from '@bankcrm/kernel';
import type { Binding } from '../transcoding/bindings.ts';
import { readRequest } from '../transcoding/read-request.ts';
import { writeReply } from '../transcoding/write-reply.ts';
import { bodyLimitBytes, type RateLimits } from './limits.ts';

export interface RouteOptions {
  bindings: readonly Binding[];
  /** By area: `customer`. */
  channels: ReadonlyMap<string, Client>;
  verifier: TokenVerifier;
  rateLimits: RateLimits;
}

/** The routes of the API, one per binding. */
export function addRoutes(app: FastifyInstance, { bindings, channels, verifier, rateLimits }: RouteOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: bodyLimitBytes }, (request, body, done) => {
    done(null, bodyProblem(request) ?? body);
  });

  app.addHook('onRequest', async (request) => {
    try {
      request.state.caller = await verifier.verify(tokenOf(request));
    } catch (error) {
      await rateLimits.countAddress(request);
      throw error;
    }
    await rateLimits.countCaller(request);
  });

  for (const binding of bindings) {
    const channel = channels.get(binding.area);
    if (!channel) throw new Error(`no address is known for ${binding.operation}`);
    addRoute(app, binding, channel);
  }
}
