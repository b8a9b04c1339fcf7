import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import { withoutErrorTexts } from './database-spans.ts';

it('a failed statement’s span says nothing that PostgreSQL quotes; other spans keep their reasons', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [withoutErrorTexts, new SimpleSpanProcessor({ exporter })] });
  const fail = (scope: string, message: string) => {
    const span = provider.getTracer(scope).startSpan('query');
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    span.end();
  };
  fail('@opentelemetry/instrumentation-pg', 'invalid input syntax for type date: "13800138000"');
  fail('bankcrm', 'QUOTA_EXCEEDED');
  expect(exporter.getFinishedSpans().map(({ status }) => status)).toEqual([
    { code: SpanStatusCode.ERROR },
    { code: SpanStatusCode.ERROR, message: 'QUOTA_EXCEEDED' },
  ]);
});
