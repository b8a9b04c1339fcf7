import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** What the benches use of autocannon's programmatic API (github.com/mcollina/autocannon). */
type Autocannon = (options: {
  url: string;
  connections: number;
  /** Seconds. */
  duration: number;
  requests: { method: 'GET'; path: string; headers: Record<string, string> }[];
}) => Promise<{ non2xx: number; errors: number; timeouts: number; requests: { average: number } }>;

const folder = fileURLToPath(new URL('../../tools/bench/', import.meta.url));

/** The load generator, fetched at first use: who only runs the platform need not install it. */
export function loadGenerator(): Autocannon {
  if (!existsSync(`${folder}node_modules`))
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  return createRequire(folder)('autocannon') as Autocannon;
}
