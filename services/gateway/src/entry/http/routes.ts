import type { TokenVerifier } from '@bankcrm/access';
import { AppError, invalid, unauthenticated, unavailable } from '@bankcrm/kernel';
import { callStreaming, callUnary, type Log } from '@bankcrm/service';
import type { Client } from '@grpc/grpc-js';
import { context } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RefusedCallers } from '../../app/refused-callers.ts';
import type { Binding } from '../../app/transcoding/bindings.ts';
import { fieldsAsSent } from '../../app/transcoding/fields-as-sent.ts';
import { readRequest } from '../../app/transcoding/read-request.ts';
import { etagReader, writeReply } from '../../app/transcoding/write-reply.ts';
import { bodyLimitBytes, bodyTooLarge, type RateLimits } from './limits.ts';
import { sendFile } from './send-file.ts';

export interface RouteOptions {
  bindings: readonly Binding[];
  /** By area: `customer`. What an area without one is asked is answered with UNAVAILABLE `SERVICE_UNREACHABLE`. */
  channels: ReadonlyMap<string, Client>;
  verifier: TokenVerifier;
  rateLimits: RateLimits;
  refused: Pick<RefusedCallers, 'record'>;
  log: Log;
}

/**
 * The API: one route per binding. The gateway says who is asking; what they may do, the services decide. Who opens a link is nobody known, with limits
 * of its own.
 */
export function addRoutes(app: FastifyInstance, { bindings, channels, verifier, rateLimits, refused, log }: RouteOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: bodyLimitBytes }, (request, body, done) =>
    done(bodyProblem(request), body),
  );
  const recordRefused = (request: FastifyRequest, { reason }: AppError): void => {
    const { operation, traceId } = request.state;
    refused.record(operation.split('.')[1]!, { operation, reason, callerAddress: request.ip, traceId });
  };
  const countKnown = async (request: FastifyRequest): Promise<void> => {
    try {
      request.state.caller = await verifier.verify(tokenOf(request));
    } catch (error) {
      if (error instanceof AppError && error.kind === 'UNAUTHENTICATED') recordRefused(request, error);
      await rateLimits.countAddress(request);
      throw error;
    }
    await rateLimits.countCaller(request);
  };
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.linkToken) await rateLimits.countLink(request);
    else await countKnown(request);
    // Said before the framework looks at the length: it would cut the connection with the body half read, and the sender would find a broken
    // pipe instead of the reply. Refused here, Node reads the rest and drops it, within the time that a request may take.
    if (Number(request.headers['content-length']) > bodyLimitBytes) throw bodyTooLarge();
  });
  for (const binding of bindings) addRoute(app, binding, channels.get(binding.area), { ...rateLimits, log });
}

function addRoute(
  app: FastifyInstance,
  binding: Binding,
  channel: Client | undefined,
  { countWrongLink, log }: Pick<RateLimits, 'countWrongLink'> & Pick<RouteOptions, 'log'>,
): void {
  const { method, operation, file, template, httpMethod, deadlineMs } = binding;
  const { linkToken } = binding.policy;
  const path = `/${operation}`;
  const readEtag = etagReader(method.output);
  const wildcards = template.wildcards.map((_, index) => `p${index}`);
  app.route({
    method: httpMethod,
    url: template.route,
    config: { operation, template: template.text, linkToken },
    // A file goes on as it comes: packing would hold back what the service has sent already.
    ...(file ? { compress: false as const } : {}),
    handler: async (request, reply) => {
      if (!channel) throw unavailable('SERVICE_UNREACHABLE');
      const params = request.params as Readonly<Record<string, string>>;
      try {
        const { bytes, repeatable } = readRequest(binding, {
          ids: wildcards.map((name) => params[name]),
          query: (request.query as { text: string }).text,
          body: request.body as Buffer | undefined,
          idempotencyKey: header(request, 'idempotency-key'),
          ifMatch: header(request, 'if-match'),
        });
        const gone = new AbortController();
        reply.raw.once('close', () => gone.abort());
        const options = {
          token: linkToken ? undefined : tokenOf(request),
          deadlineMs,
          callerAddress: request.ip,
          safe: repeatable,
          signal: gone.signal,
        };
        reply.header('cache-control', 'no-store');
        const { context: active } = request.state;
        if (file)
          return sendFile(request, reply, await context.with(active, () => callStreaming(channel, path, bytes, options)), log);
        const encoded = await context.with(active, () => callUnary(channel, path, bytes, options));
        const etag = readEtag(encoded);
        if (etag !== undefined) reply.header('etag', `"${etag}"`);
        return reply.type('application/json').send(writeReply(method.output, encoded));
      } catch (error) {
        if (linkToken && error instanceof AppError && error.kind === 'NOT_FOUND') await countWrongLink(request);
        throw fieldsAsSent(binding, error);
      }
    },
  });
}

function tokenOf(request: FastifyRequest): string {
  const [scheme, token, ...rest] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) throw unauthenticated('MISSING_TOKEN');
  return token;
}

/** Node joins a header that was sent twice with a comma, which none of ours may contain. */
function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

const jsonType = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

function bodyProblem({ headers }: FastifyRequest): Error | null {
  if (!jsonType.test(headers['content-type'] ?? ''))
    return invalid('Content-Type', 'must be application/json in UTF-8', 'UNSUPPORTED_MEDIA_TYPE');
  const encoding = headers['content-encoding'];
  // What is unpacked here could be a thousand times its size.
  if (encoding !== undefined && encoding !== 'identity')
    return invalid('Content-Encoding', 'must be absent: bodies are not unpacked', 'UNSUPPORTED_MEDIA_TYPE');
  return null;
}
