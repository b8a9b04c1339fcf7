import { SpanStatusCode } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

/**
 * Takes the texts of PostgreSQL's errors off its spans: they quote the values of rows. The SQLSTATE stays, in the
 * span's event. Stands before the processor that exports.
 */
export const withoutErrorTexts: SpanProcessor = {
  onStart() {},
  onEnding(span) {
    if (span.instrumentationScope.name !== '@opentelemetry/instrumentation-pg' || span.status.code !== SpanStatusCode.ERROR)
      return;
    span.setStatus({ code: SpanStatusCode.ERROR });
  },
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
};
