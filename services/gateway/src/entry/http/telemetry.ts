import type { Log } from '@bankcrm/service';
import { context, metrics, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { statusOf } from '../../domain/problem.ts';
import { callerName, type RequestState } from './request-state.ts';

const tracer = trace.getTracer('bankcrm');
const duration = metrics.getMeter('bankcrm').createHistogram('http.server.request.duration', { unit: 's' });

/**
 * One span, one measurement and one log line per request, finished or given up by its caller. They carry the route's
 * template, never an address as it was sent: ids and what was typed stay out.
 */
export function addTelemetry(app: FastifyInstance, log: Log): void {
  app.decorateRequest('state');
  app.addHook('onRequest', (request, reply, done) => {
    request.state = begin(request, reply);
    // `close` comes once, whether the reply was finished or the caller has gone.
    reply.raw.once('close', () => finish(request, reply, log));
    done();
  });
}

/** Starts the span of a request, in a trace of our own (an audit entry names it): the caller's is kept as a link. Tells the caller which it is. */
export function begin(request: FastifyRequest, reply: FastifyReply): RequestState {
  const callers = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, request.headers));
  const { operation, template } = routeOf(request);
  const links = callers ? [{ context: callers }] : [];
  const span = tracer.startSpan(`${request.method} ${template}`, { kind: SpanKind.SERVER, links }, ROOT_CONTEXT);
  const { traceId, spanId, traceFlags } = span.spanContext();
  reply.header('x-trace-id', traceId);
  reply.header('traceresponse', `00-${traceId}-${spanId}-0${traceFlags & 1}`);
  return {
    span,
    context: trace.setSpan(ROOT_CONTEXT, span),
    traceId,
    ...(callers ? { callersTraceId: callers.traceId } : {}),
    operation,
    template,
    startedMs: performance.now(),
    outcome: 'OK',
  };
}

function finish(request: FastifyRequest, reply: FastifyReply, log: Log): void {
  const { span, operation, template, startedMs, caller, callersTraceId, context: active } = request.state;
  const { status, outcome } = endOf(request, reply);
  const durationMs = performance.now() - startedMs;
  const attributes = { 'http.request.method': request.method, 'http.route': template, 'http.response.status_code': status };
  duration.record(durationMs / 1000, attributes);
  span.setAttributes({ ...attributes, 'bankcrm.operation': operation, 'bankcrm.outcome': outcome });
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
  const facts = {
    operation,
    caller: callerName(caller),
    status,
    outcome,
    duration_ms: Math.round(durationMs * 10) / 10,
    ...(callersTraceId === undefined ? {} : { callers_trace_id: callersTraceId }),
  };
  context.with(active, () => log.info(facts, 'request'));
  span.end();
}

/** What came of a request; a file that was cut off counts as what cut it, though its reply began with 200. */
function endOf(
  { state: { cut, outcome } }: FastifyRequest,
  { raw, statusCode }: FastifyReply,
): { status: number; outcome: string } {
  if (cut) return { status: statusOf(cut), outcome: cut.reason };
  return raw.writableFinished ? { status: statusCode, outcome } : { status: 499, outcome: 'CALLER_GONE' };
}

const unknown = 'unknown path';

function routeOf({ routeOptions }: FastifyRequest): { operation: string; template: string } {
  const { operation = unknown, template = operation } = routeOptions?.config ?? {};
  return { operation, template };
}
