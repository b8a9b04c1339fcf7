import { AppError } from '@bankcrm/kernel';
import type { FastifyInstance } from 'fastify';
import type { Binding } from '../../app/transcoding/bindings.ts';
import { sendProblem } from './errors.ts';
import type { RateLimits } from './limits.ts';

/** Answers what no route takes: 405 with the methods that the path does take, or 404. */
export function addNotFound(app: FastifyInstance, bindings: readonly Binding[], rateLimits: RateLimits): void {
  app.setNotFoundHandler(async (request, reply) => {
    await rateLimits.countAddress(request);
    const path = request.url.split('?', 1)[0]!;
    const methods = bindings.filter(({ template }) => template.pattern.test(path)).map(({ httpMethod }) => httpMethod);
    if (methods.length === 0) throw new AppError('NOT_FOUND', 'UNKNOWN_PATH');
    reply.header('allow', methods.join(', '));
    return sendProblem(request, reply, new AppError('INVALID', 'METHOD_NOT_ALLOWED'));
  });
}
