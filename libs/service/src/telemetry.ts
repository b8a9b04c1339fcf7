import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { withoutErrorTexts } from './database-spans.ts';

/**
 * Starts OpenTelemetry. Must be the first import of `main.ts`: drivers are instrumented as they load. Without
 * `OTEL_EXPORTER_OTLP_ENDPOINT` no span is recorded or sent, but trace ids still run through logs, headers and audit
 * entries. Spans carry statements without their values, and of PostgreSQL's errors the SQLSTATE alone.
 */
const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;

/** Answers `/metrics` of the health server in Prometheus' format. */
export const prometheus = new PrometheusExporter({ preventServerStart: true });

/** Without any processor the SDK makes no tracer, and without a tracer there are no trace ids. */
const nowhere: SpanProcessor = {
  onStart() {},
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
};

const sdk = new NodeSDK({
  autoDetectResources: false,
  // A service signs in to Keycloak under its own name.
  serviceName: process.env.OTEL_SERVICE_NAME ?? process.env.OIDC_CLIENT_ID ?? 'bankcrm',
  sampler: endpoint ? new ParentBasedSampler({ root: new AlwaysOnSampler() }) : new AlwaysOffSampler(),
  spanProcessors: endpoint
    ? [withoutErrorTexts, new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: 1_000 })]
    : [nowhere],
  metricReaders: endpoint
    ? [prometheus, new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(), exportIntervalMillis: 15_000 })]
    : [prometheus],
  instrumentations: endpoint ? [new PgInstrumentation({ requireParentSpan: true, enhancedDatabaseReporting: false })] : [],
});
sdk.start();

/** Sends what is still buffered; waits at most as long as the exporters' own limit. */
export const flushTelemetry = (): Promise<void> => sdk.shutdown();
