import { type AppError, invalid } from '@bankcrm/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { answerClientError } from './client-errors.ts';

/** Of two values a proxy before us might go by one, and we by the other. */
const singleHeaders = ['host', 'authorization', 'content-type'] as const;

/** `uri-host [":" port]` (RFC 9110 §7.2), by its characters. */
const hostPattern = /^[\w.~!$&'()*+,;=:%[\]-]*$/;

/**
 * Refuses heads that RFC 9110 and 9112 refuse and that Node lets pass, answers without a body or drops: no `Host`, a malformed one, a header twice that
 * may stand there once, an `Expect` that nobody meets, a tunnel.
 */
export function addHeadChecks(app: FastifyInstance): void {
  app.server.on('checkExpectation', app.routing);
  app.server.on('connect', (_request, socket) => answerClientError(new Error('no tunnels here'), socket));
  app.addHook('onRequest', (request, _reply, done) => done(headProblem(request)));
}

function headProblem({ headers, raw }: FastifyRequest): AppError | undefined {
  const names = raw.rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  for (const name of singleHeaders)
    if (names.indexOf(name) !== names.lastIndexOf(name)) return invalid(name, 'must be given once', 'MALFORMED_REQUEST');
  if (headers.host === undefined && raw.httpVersion !== '1.0') return invalid('host', 'must be given', 'MALFORMED_REQUEST');
  if (!hostPattern.test(headers.host ?? '')) return invalid('host', 'must be a host and port', 'MALFORMED_REQUEST');
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    return invalid('expect', 'must be absent or 100-continue', 'EXPECTATION_FAILED');
  return undefined;
}
