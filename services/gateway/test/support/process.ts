import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readManifests } from '@bankcrm/manifest';

/** What another process is told, apart from the ports. */
export interface ProcessSettings {
  issuer: string;
  backendAddress: string;
  httpPort: number;
  healthPort: number;
  env?: Record<string, string | undefined>;
}

const callable = readManifests().flatMap(({ name, serves }) => (serves === 'grpc' ? [name] : []));

/** The gateway as it runs in production: a process of its own. */
export function startProcess({ issuer, backendAddress, httpPort, healthPort, env }: ProcessSettings) {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HTTP_PORT: String(httpPort),
      HEALTH_PORT: String(healthPort),
      OIDC_ISSUER: issuer,
      OIDC_AUDIENCE: 'bankcrm',
      ...Object.fromEntries(callable.map((name) => [`${name.toUpperCase()}_ADDRESS`, backendAddress])),
      RATE_LIMIT_PER_MINUTE: '1000000',
      ...env,
    },
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => output.push(String(chunk)));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  // A test that fails half-way leaves nothing running.
  process.once('exit', () => child.kill('SIGKILL'));
  return {
    url: `http://127.0.0.1:${httpPort}`,
    health: `http://127.0.0.1:${healthPort}`,
    output: () => output.join(''),
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    /** The exit code; an error with what the process printed when it does not end within the limit. */
    exited: async (limitMs = 35_000): Promise<number | null> => {
      const [code] = await Promise.race([exited, once(AbortSignal.timeout(limitMs), 'abort').then(() => ['late' as const])]);
      if (code === 'late') throw new Error(`the process did not end:\n${output.join('').slice(-4_000)}`);
      return code;
    },
  };
}
