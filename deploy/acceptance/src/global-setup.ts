import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServiceName, startPlatform } from '@bankcrm/local';
import { loadDemoBank } from './demo.ts';
import { Processes } from './processes.ts';
import { portBase, setUpUrl } from './run.ts';
import { serveSetUp } from './set-up-server.ts';

/** Starts the whole platform once for the run, loads a small bank into it through Kafka, and stops and forgets everything afterwards. */
export default async function setUp(): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'bankcrm-acceptance-'));
  let processes: Processes | undefined;
  const server = await serveSetUp(dir, () => processes);
  const env = environments();
  const began = performance.now();
  const tell = (text: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  const platform = await startPlatform({ dir, portBase, demo: false, env, onProgress: tell }).catch((error: unknown) => {
    server.close();
    throw error;
  });
  processes = new Processes(platform, env);
  process.env.BANKCRM_ACCEPTANCE_DIR = dir;
  const stop = async () => {
    await processes?.stop();
    await platform.stop();
    server.closeAllConnections();
    server.close();
    // Kept on request, for whoever wants to read the logs of a failed run.
    if (!process.env.BANKCRM_ACCEPTANCE_KEEP) rmSync(dir, { recursive: true, force: true });
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
const limits: Record<ServiceName, Record<string, string>> = {
  directory: {},
  customer: { LOOKUPS_PER_DAY: '10000', REVEALS_PER_DAY: '10000' },
  gateway: { RATE_LIMIT_PER_MINUTE: '100000' },
};

function environments(): Record<ServiceName, Record<string, string>> {
  const one = (name: ServiceName) => ({ ...limits[name], OTEL_EXPORTER_OTLP_ENDPOINT: `${setUpUrl}/otlp/${name}` });
  return { directory: one('directory'), customer: one('customer'), gateway: one('gateway') };
}
