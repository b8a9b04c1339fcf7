import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  databasesOf,
  freePortBase,
  type PlatformOptions,
  type RunningServices,
  type ServiceName,
  startPlatform,
} from '@bankcrm/local';
import pg from 'pg';

/** A whole platform of its own for a measurement, without the demo bank, gone afterwards. */
export async function withPlatform(
  env: NonNullable<PlatformOptions['env']>,
  work: (platform: RunningServices) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'bankcrm-bench-'));
  const platform = await startPlatform({ dir, portBase: await freePortBase(), demo: false, env, onProgress: progress });
  try {
    await work(platform);
  } finally {
    await platform.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

export const progress = (text: string): void => console.error(`  ${text}`);

/** A superuser's connection to a service's database: peers are measured without row-level security in their way. */
export async function withDatabase<T>(
  platform: RunningServices,
  work: (client: pg.Client) => Promise<T>,
  service: ServiceName = 'customer',
): Promise<T> {
  const url = new URL(platform.postgres.superuserUrl);
  url.pathname = new URL(databasesOf(platform, service).owner).pathname;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
