import { AppError, invalid } from '@bankcrm/kernel';
import { asAppError, type Log } from '@bankcrm/service';
import { context } from '@opentelemetry/api';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { reasonTexts } from '../../app/reasons.ts';
import { languageOf } from '../../domain/language.ts';
import { problemOf, retryAfterSeconds } from '../../domain/problem.ts';
import { bodyTooLarge } from './limits.ts';
import { begin } from './telemetry.ts';

/** Every error as a problem document; what nobody foresaw as INTERNAL, with its facts in the log only. */
export function addErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((thrown: FastifyError | AppError, request, reply) => {
    const error = typedError(thrown);
    if (error.kind === 'INTERNAL') {
      const { operation, context: active } = request.state;
      context.with(active, () => log.error({ operation, err: error }, 'request failed'));
    }
    return sendProblem(request, reply, error);
  });
}

/** For what the router refuses before a request exists: an address that cannot be decoded, an id that is too long. */
export function sendRouterError(_thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  request.state = begin(request, reply);
  void sendProblem(request, reply, invalid('path', 'must be percent-encoded UTF-8 with ids of at most 128 characters'));
  request.state.span.end();
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: AppError): FastifyReply {
  const { state } = request;
  const language = languageOf(request.headers['accept-language']);
  const problem = problemOf(error, language, state.traceId, reasonTexts);
  state.outcome = problem.reason;
  if (problem.status === 401) {
    const why = error.reason === 'MISSING_TOKEN' ? '' : ', error="invalid_token"';
    reply.header('www-authenticate', `Bearer realm="bankcrm"${why}`);
  }
  const seconds = retryAfterSeconds(error);
  if (seconds !== undefined) reply.header('retry-after', seconds);
  reply.header('cache-control', 'no-store');
  reply.header('content-language', language);
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

function typedError(thrown: FastifyError | AppError): AppError {
  if (thrown instanceof AppError) return thrown;
  switch (thrown.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return bodyTooLarge();
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_CONTENT_TYPE':
      return invalid('Content-Type', 'must be application/json', 'UNSUPPORTED_MEDIA_TYPE');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalid('Content-Length', 'must be the length of the body', 'MALFORMED_REQUEST');
    default:
      // Other errors of the framework and its plug-ins that are the caller's doing.
      if (thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500)
        return new AppError(thrown.statusCode === 404 ? 'NOT_FOUND' : 'INVALID', 'MALFORMED_REQUEST', { cause: thrown });
      return asAppError(thrown);
  }
}
