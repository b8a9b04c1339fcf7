import {
  type Context,
  context,
  type Link,
  metrics,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { headerText, type RawMessage } from './messages.ts';

const tracer = trace.getTracer('@bankcrm/events');
const meter = metrics.getMeter('@bankcrm/events');

export const meters = {
  batchMessages: meter.createHistogram('bankcrm.consumer.batch.messages', {
    unit: '{message}',
    description: 'Messages in one transaction',
  }),
  applyDuration: meter.createHistogram('bankcrm.consumer.apply.duration', {
    unit: 's',
    description: 'From the first statement to the commit',
  }),
  applied: meter.createCounter('bankcrm.consumer.applied', { unit: '{message}' }),
  deadLetters: meter.createCounter('bankcrm.consumer.dead_letters', { unit: '{message}' }),
  failures: meter.createCounter('bankcrm.consumer.failures', {
    unit: '{batch}',
    description: 'Transactions given up and tried again',
  }),
  outboxDepth: meter.createGauge('bankcrm.outbox.depth', {
    unit: '{row}',
    description: 'Rows not yet sent, counted up to 100,000',
  }),
  outboxAge: meter.createGauge('bankcrm.outbox.age', { unit: 's', description: 'Age of the oldest row not yet sent' }),
  outboxSent: meter.createCounter('bankcrm.outbox.sent', { unit: '{row}' }),
  statesWaiting: meter.createGauge('bankcrm.states.waiting', {
    unit: '{mark}',
    description: 'Changes of newest states not yet sent, counted up to 100,000',
  }),
  statesBehind: meter.createGauge('bankcrm.states.behind', {
    unit: 's',
    description: 'How old the moment is up to which every change was sent; since the leader began, where there is none yet',
  }),
  statesSent: meter.createCounter('bankcrm.states.sent', { unit: '{message}' }),
};

/** A batch may hold thousands of traces; a span that links to a few still leads to the rest by time. */
const maxLinks = 32;

/**
 * Runs work in a consumer span over a batch. One trace in the batch: the span continues it, so that a message can be followed through its
 * transaction to the events it causes. Several: the span starts its own trace and links to them.
 */
export async function inConsumerSpan<T>(
  name: string,
  messages: readonly RawMessage[],
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const parents = new Set<string>();
  for (const message of messages) {
    const parent = headerText(message, 'traceparent');
    if (parent !== undefined) parents.add(parent);
    if (parents.size === maxLinks) break;
  }
  const contexts = [...parents].map((traceparent) => propagation.extract(ROOT_CONTEXT, { traceparent }));
  const links = contexts.flatMap((parent): Link[] => {
    const spanContext = trace.getSpanContext(parent);
    return spanContext === undefined ? [] : [{ context: spanContext }];
  });
  const parent: Context = (contexts.length === 1 ? contexts[0] : undefined) ?? ROOT_CONTEXT;
  return tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER, links }, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error | undefined)?.name ?? 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The active trace as headers (`traceparent`, and a short `tracestate`); empty without one. Baggage does not travel with events. */
export function traceHeaders(): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  const { traceparent, tracestate } = carrier;
  if (traceparent === undefined) return {};
  return tracestate === undefined || tracestate.length > 512 ? { traceparent } : { traceparent, tracestate };
}
