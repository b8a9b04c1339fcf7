import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortBase, startServers } from '@bankcrm/local';
import { openAuthority } from './certificates.ts';

/**
 * Starts the real servers of a test run, in the clear and by TLS, on ports of their own, and tells the run's tests where they are. Gives the way to
 * stop and forget them.
 */
export async function startTestServers(onProgress?: (text: string) => void): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'bankcrm-test-'));
  const authority = openAuthority();
  const stack = await startServers({
    dir,
    portBase: await freePortBase(),
    certificate: { ca: authority.ca, ...authority.issue('localhost') },
    ...(onProgress && { onProgress }),
  });
  process.env.BANKCRM_TEST_STACK = dir;
  return async () => {
    await stack.stop();
    delete process.env.BANKCRM_TEST_STACK;
    // Kept on request, for those who want to read the logs of a failed run.
    if (!process.env.BANKCRM_TEST_KEEP) rmSync(dir, { recursive: true, force: true });
  };
}
