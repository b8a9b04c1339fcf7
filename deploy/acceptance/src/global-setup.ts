import { type Stack, startServices } from '@bankcrm/local';
import { loadDemoBank } from './demo.ts';
import { Processes, type ServiceEnv } from './processes.ts';
import { portalUrl, setUpUrl, stack } from './run.ts';
import { services } from './services.ts';
import { serveSetUp } from './set-up-server.ts';

/** Starts the whole platform once for the run, on the servers that run already, and loads a small bank into it through Kafka. */
export default async function setUp(): Promise<() => Promise<void>> {
  let processes: Processes | undefined;
  const servers = stack();
  const server = await serveSetUp(servers, () => processes);
  const env = environments(servers);
  const began = performance.now();
  const tell = (text: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  const platform = await startServices(servers, { demo: false, env, onProgress: tell }).catch((error: unknown) => {
    server.close();
    throw error;
  });
  processes = new Processes(platform, env);
  const stop = async () => {
    await processes?.stop();
    await platform.stop();
    server.closeAllConnections();
    server.close();
  };
  try {
    await loadDemoBank(platform);
    tell('the demo bank is in');
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** In a test run one person does the work of many. */
const limits: ServiceEnv = {
  customer: {
    LOOKUPS_PER_DAY: '10000',
    LOOKUP_MISSES_PER_DAY: '10000',
    LOOKUP_MISSES_PER_DAY_AT_COUNTER: '10000',
    LOOKUP_MISSES_OF_SHAPE: '10000',
    REVEALS_PER_DAY: '10000',
  },
  gateway: { RATE_LIMIT_PER_MINUTE: '100000' },
};

function environments(servers: Stack): Record<string, Record<string, string>> {
  const url = setUpUrl(servers);
  const own: ServiceEnv = { ...limits, gateway: { ...limits.gateway, CORS_ORIGINS: portalUrl(servers) } };
  return Object.fromEntries(services.map((name) => [name, { ...own[name], OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/otlp/${name}` }]));
}
