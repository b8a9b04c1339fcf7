import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStack, type ServiceName, type Stack } from '@bankcrm/local';

/** Ports of the platform that a run of the suite starts, away from those of a running `npm start`. */
export const portBase = Number(process.env.BANKCRM_ACCEPTANCE_PORT_BASE ?? 30_000);
/** The set-up's own port: takes telemetry and carries out what tests do to the platform's processes. */
export const setUpPort = portBase + 17;
export const setUpUrl = `http://127.0.0.1:${setUpPort}`;

export const telemetryFile = (dir: string, service: string) => join(dir, 'telemetry', `${service}.ndjson`);

/** The platform that the global set-up started. Throws when a test runs without it. */
export function stack(): Stack {
  const dir = process.env.BANKCRM_ACCEPTANCE_DIR;
  if (!dir) throw new Error('run these tests by vitest --project acceptance: it starts the platform');
  return readStack(dir);
}

export const logOf = (service: ServiceName): string => readFileSync(join(stack().logDir, `${service}.log`), 'utf8');
