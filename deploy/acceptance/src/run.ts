import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStack, type ServiceName, type Stack } from '@bankcrm/local';

export const telemetryFile = (dir: string, service: string) => join(dir, 'telemetry', `${service}.ndjson`);

/** The platform that the global set-up started. Throws when a test runs without it. */
export function stack(): Stack {
  const dir = process.env.BANKCRM_TEST_STACK;
  if (!dir) throw new Error('run these tests by vitest --project acceptance: it starts the platform');
  return readStack(dir);
}

/** The set-up's own port: takes telemetry and carries out what tests do to the platform's processes. */
export const setUpPort = ({ portBase }: Stack): number => portBase + 17;
export const setUpUrl = (on: Stack = stack()): string => `http://127.0.0.1:${setUpPort(on)}`;

/** Where tests serve a front end of their own: an origin that the gateway knows, and which is not the gateway's. */
export const portalPort = ({ portBase }: Stack): number => portBase + 18;
export const portalUrl = (on: Stack = stack()): string => `http://localhost:${portalPort(on)}`;

export const logOf = (service: ServiceName): string => readFileSync(join(stack().logDir, `${service}.log`), 'utf8');
