import { systemClock } from '@bankcrm/kernel';
import { readManifest } from '@bankcrm/manifest';
import { Lifecycle, openLog, parseEnv, startOrEnd } from '@bankcrm/service';
import { flushTelemetry, prometheus } from '@bankcrm/service/telemetry';
import type { Backend } from './backend.ts';
import type { BackendConfig } from './settings.ts';
import { startBackend } from './start-backend.ts';

/**
 * Runs a service as this process, by the environment, until it is told to stop. An error at start ends the process with code 1 and is told on stderr.
 */
export async function runBackend<Config extends BackendConfig>(backend: Backend<Config>): Promise<void> {
  const config = await startOrEnd(() => parseEnv(backend.config, process.env));
  const log = openLog(readManifest(backend.folder).name, config.LOG_LEVEL);
  const lifecycle = new Lifecycle(log);
  await startOrEnd(() => startBackend(backend, { config, clock: systemClock, log, lifecycle, metrics: prometheus }));
  lifecycle.onStop('telemetry', 5_000, flushTelemetry);
}
