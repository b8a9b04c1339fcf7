import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startServers } from '@bankcrm/local';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    stack: Stack;
  }
}

/** Real PostgreSQL and Kafka for all suites; each suite makes a database and topics of its own. */
export default async function startForSuites(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'bankcrm-events-'));
  // Run by root, PostgreSQL becomes a user of its own, who must be able to enter.
  chmodSync(dir, 0o755);
  const { stop, ...stack } = await startServers({
    dir,
    portBase: Number(process.env['BANKCRM_TEST_PORT_BASE'] ?? 23_000),
    parts: ['postgres', 'kafka'],
  });
  project.provide('stack', stack);
  return async () => {
    await stop();
    rmSync(dir, { recursive: true, force: true });
  };
}
