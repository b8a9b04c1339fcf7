import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServers } from '@bankcrm/local';
import { openAuthority } from './certificates.ts';

/** Ports of the servers of a test run, away from those of a running `npm start`. */
const portBase = Number(process.env.BANKCRM_TEST_PORT_BASE ?? 31_000);

/** Starts the real servers once for all integration suites of a run and stops them after it. */
export default async function setup(): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'bankcrm-test-'));
  const authority = openAuthority();
  const stack = await startServers({ dir, portBase, certificate: { ca: authority.ca, ...authority.issue('localhost') } });
  process.env.BANKCRM_TEST_STACK = dir;
  return async () => {
    await stack.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}
