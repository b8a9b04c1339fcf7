import { trace } from '@opentelemetry/api';
import { destination, type Logger, type LoggerOptions, pino } from 'pino';

export type Log = Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;

/** JSON lines with trace ids. Log facts as fields: operation, caller, reason, duration; never a person's data. */
export function openLog(service: string, level: string): Logger {
  const options: LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: errorFacts },
    mixin() {
      const context = trace.getActiveSpan()?.spanContext();
      return context ? { trace_id: context.traceId, span_id: context.spanId } : {};
    },
  };
  // Written beside the work, not within it; what is still waiting is written when the process ends.
  return pino(options, destination({ sync: false }));
}

/**
 * What may be logged of an error: type, SQLSTATE or reason, stack. Not the text of foreign errors: PostgreSQL's carry
 * the values of rows, parsers' carry pieces of what they read.
 */
function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, reason, kind } = error as { code?: unknown; reason?: unknown; kind?: unknown };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return {
    type: error.name,
    code,
    kind,
    reason,
    stack: frames?.join('\n'),
    ...(error.cause === undefined ? {} : { cause: errorFacts(error.cause) }),
  };
}
