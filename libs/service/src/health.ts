import { createServer, type RequestListener, type Server } from 'node:http';
import { metrics } from '@opentelemetry/api';

export interface Health {
  /** Named checks that must all hold before the service gets traffic. */
  ready: Readonly<Record<string, () => boolean>>;
  /**
   * Named parts without which requests are still answered: no reason to take the service out of traffic. Shown as the gauge
   * `bankcrm.healthy`, so that somebody is called.
   */
  parts?: Readonly<Record<string, () => boolean>>;
  /** Answers `/metrics`; `prometheus` of the telemetry module. */
  metrics: { getMetricsRequestHandler: RequestListener };
}

/**
 * `/livez`: the process answers. `/readyz`: it can do its work; says which check fails, nothing more. `/metrics`: Prometheus. Plain HTTP even where
 * calls are encrypted: who probes has no certificate, and nothing here is about a person.
 */
export async function serveHealth(host: string, port: number, health: Health): Promise<Server> {
  const parts = Object.entries(health.parts ?? {});
  const healthy = metrics.getMeter('bankcrm').createObservableGauge('bankcrm.healthy', { description: '1 while the part works' });
  healthy.addCallback((gauge) => {
    for (const [part, works] of parts) gauge.observe(works() ? 1 : 0, { part });
  });
  const server = createServer((req, res) => {
    const reply = (state: number, body: unknown): void => {
      res.writeHead(state, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
    };
    if (req.url === '/metrics') return health.metrics.getMetricsRequestHandler(req, res);
    if (req.url === '/livez') return reply(200, { state: 'live' });
    if (req.url !== '/readyz') return reply(404, { state: 'unknown' });
    const failing = Object.entries(health.ready).flatMap(([name, check]) => (check() ? [] : [name]));
    return reply(failing.length === 0 ? 200 : 503, { state: failing.length === 0 ? 'ready' : 'not ready', failing });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}
