import { AppError } from '@bankcrm/kernel';
import type { FastifyInstance } from 'fastify';
import type { Binding } from '../../app/transcoding/bindings.ts';
import { sendProblem } from './errors.ts';
import type { RateLimits } from './limits.ts';

/** Answers what no route takes: 405 with the methods that the path does take, or 404. To be added before the routes. */
export function addNotFound(app: FastifyInstance, bindings: readonly Binding[], rateLimits: RateLimits): void {
  const documents = new Map<string, string[]>();
  app.addHook('onRoute', ({ url, method }) => {
    documents.set(url, [...(documents.get(url) ?? []), ...[method].flat()]);
  });
  const methodsOf = (path: string): string[] => [
    ...new Set([
      ...bindings.filter(({ template }) => template.pattern.test(path)).map(({ httpMethod }) => httpMethod),
      ...(documents.get(path) ?? []),
    ]),
  ];
  app.setNotFoundHandler(async (request, reply) => {
    await rateLimits.countAddress(request);
    // The router takes an encoded colon for one, too.
    const methods = methodsOf(request.url.split('?', 1)[0]!.replaceAll(/%3a/gi, ':'));
    if (methods.length === 0) throw new AppError('NOT_FOUND', 'UNKNOWN_PATH');
    reply.header('allow', methods.join(', '));
    return sendProblem(request, reply, new AppError('INVALID', 'METHOD_NOT_ALLOWED'));
  });
}
