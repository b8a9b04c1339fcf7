import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortBase, startServers } from '@bankcrm/local';
import { openAuthority } from './certificates.ts';
import { findContainers } from './containers.ts';

/**
 * Starts the real servers of a test run, in the clear and by TLS, on ports of their own, and tells the run's tests where they are. Gives the way to
 * stop and forget them. They are processes, or, where `BANKCRM_TEST_SERVERS` is `containers`, containers of the images that deploy/compose pins.
 * Throws for another value of it.
 */
export async function startTestServers(onProgress?: (text: string) => void): Promise<() => Promise<void>> {
  const containers = wantsContainers(process.env) ? await findContainers(onProgress ?? console.log) : undefined;
  // There containers were asked for to be tried, and a run beside them would show nothing.
  if (wantsContainers(process.env) && !containers && process.env.CI === 'true')
    throw new Error('BANKCRM_TEST_SERVERS is containers, and they cannot be had');
  const dir = mkdtempSync(join(tmpdir(), 'bankcrm-test-'));
  const authority = openAuthority();
  const stack = await startServers({
    dir,
    portBase: await freePortBase(),
    certificate: { ca: authority.ca, ...authority.issue('localhost') },
    ...(containers && { containers }),
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

/** Whether the environment asks for containers. Throws for a value that is neither of the two. */
export function wantsContainers({ BANKCRM_TEST_SERVERS: value = '' }: NodeJS.ProcessEnv): boolean {
  if (value !== '' && value !== 'native' && value !== 'containers')
    throw new Error(`BANKCRM_TEST_SERVERS is "${value}"; set it to native or containers, or leave it out for native.`);
  return value === 'containers';
}
