import { describeError } from '@bankcrm/kernel';
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
    serializers: { err: describeError },
    mixin() {
      const context = trace.getActiveSpan()?.spanContext();
      return context ? { trace_id: context.traceId, span_id: context.spanId } : {};
    },
  };
  // Written beside the work, not within it; what is still waiting is written when the process ends.
  return pino(options, destination({ sync: false }));
}
