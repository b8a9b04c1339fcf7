import { startTestServers } from './servers.ts';

/** Starts the real servers for the tests of a run, unless the runner of all tests has done so. */
export default async function setUp(): Promise<(() => Promise<void>) | undefined> {
  return process.env.BANKCRM_TEST_STACK === undefined ? await startTestServers() : undefined;
}
