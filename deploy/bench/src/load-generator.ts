import { createRequire } from 'node:module';
import { toolFolder } from '@bankcrm/local';

/** What the benches use of autocannon's programmatic API (github.com/mcollina/autocannon). */
type Autocannon = (options: {
  url: string;
  connections: number;
  /** Seconds. */
  duration: number;
  requests: { method: 'GET'; path: string; headers: Record<string, string> }[];
}) => Promise<{ non2xx: number; errors: number; timeouts: number; requests: { average: number } }>;

/** The load generator, fetched at first use. */
export const loadGenerator = (): Autocannon => createRequire(`${toolFolder('bench')}/`)('autocannon') as Autocannon;
