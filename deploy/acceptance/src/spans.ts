import { existsSync, readFileSync } from 'node:fs';
import { stack, telemetryFile } from './run.ts';
import { services } from './services.ts';

/** A span as a service exported it; `service` is the one that did. */
export type Span = {
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  /** OTLP's number: 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  links?: { traceId: string; spanId: string }[];
  attributes: { key: string; value: Record<string, unknown> }[];
};

type Export = { resourceSpans?: { scopeSpans?: { spans?: Omit<Span, 'service'>[] }[] }[] };

/** What a service has exported so far, as it came: an export a line. */
export function exportsOf(service: string): string {
  const file = telemetryFile(stack().dir, service);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** The spans of a trace from all services. */
export function spansOf(traceId: string): Span[] {
  return services.flatMap((service) =>
    exportsOf(service)
      .split('\n')
      .filter((line) => line.includes(traceId))
      .flatMap((line) => (JSON.parse(line) as Export).resourceSpans ?? [])
      .flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans))
      .filter((span) => span.traceId === traceId || span.links?.some((link) => link.traceId === traceId))
      .map((span) => ({ ...span, service })),
  );
}
