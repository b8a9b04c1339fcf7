import { copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { realmFile } from '@bankcrm/provision';
import { type Child, startChild, untilReady } from './child.ts';
import { layout } from './paths.ts';
import type { ProcessTable } from './process-table.ts';
import type { CertificateFiles } from './tls.ts';

/**
 * Starts Keycloak with the shipped realm imported (an existing realm is left as it is). Ready when its own readiness check,
 * the database included, says so. `placeholders` are what the realm file leaves open.
 */
export async function startKeycloak(
  options: {
    dir: string;
    /** The distribution, built. */
    home: string;
    /** The address where it listens. */
    address: string;
    port: number;
    managementPort: number;
    baseUrl: string;
    /** As JDBC takes it. */
    databaseUrl: string;
    databasePassword: string;
    adminPassword: string;
    placeholders: Record<string, string>;
    /** It serves HTTPS alone then. */
    certificate: CertificateFiles | undefined;
    signal?: AbortSignal | undefined;
  },
  table: ProcessTable,
): Promise<Child> {
  const { keycloakHome, logDir } = layout(options.dir);
  prepareHome(keycloakHome, options.home);
  const child = startChild(
    {
      part: 'keycloak',
      command: join(options.home, 'bin', 'kc.sh'),
      args: [
        'start',
        '--optimized',
        '--import-realm',
        '--cache=local',
        ...doorOf(options),
        `--http-host=${options.address}`,
        '--http-management-scheme=http',
        '--http-management-host=127.0.0.1',
        `--http-management-port=${options.managementPort}`,
        `--hostname=${options.baseUrl}`,
        '--hostname-backchannel-dynamic=false',
        `--db-url=${options.databaseUrl}`,
        '--db-username=keycloak',
        '--db-pool-initial-size=2',
        '--db-pool-max-size=20',
        // Comes after the one kc.sh derives from its own place and wins: each stack has its own data directory, the distribution is shared.
        `-Dkc.home.dir=${keycloakHome}`,
      ],
      env: {
        ...process.env,
        ...options.placeholders,
        KC_DB_PASSWORD: options.databasePassword,
        KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
        KC_BOOTSTRAP_ADMIN_PASSWORD: options.adminPassword,
        JAVA_OPTS_KC_HEAP: '-Xms128m -Xmx512m',
        // The optimising compiler takes as much processor time as all the rest of a start, and few sign in here who would gain by it.
        JAVA_OPTS_APPEND: '-XX:TieredStopAtLevel=1',
      },
      cwd: '/',
      logFile: join(logDir, 'keycloak.log'),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 20_000,
    },
    table,
  );
  try {
    await untilReady(child, () => isReady(options.managementPort), 300_000, options.signal);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return child;
}

const doorOf = ({ port, certificate }: { port: number; certificate: CertificateFiles | undefined }): string[] =>
  certificate === undefined
    ? ['--http-enabled=true', `--http-port=${port}`]
    : [
        '--http-enabled=false',
        `--https-port=${port}`,
        `--https-certificate-file=${certificate.certFile}`,
        `--https-certificate-key-file=${certificate.keyFile}`,
      ];

/** A home of the stack's own: the shared distribution by links, and its own data with the realm to import. */
function prepareHome(home: string, distribution: string): void {
  const importDir = join(home, 'data', 'import');
  mkdirSync(importDir, { recursive: true });
  copyFileSync(realmFile, join(importDir, 'realm-bankcrm.json'));
  for (const part of ['lib', 'conf', 'providers', 'themes']) {
    rmSync(join(home, part), { force: true });
    symlinkSync(join(distribution, part), join(home, part));
  }
}

async function isReady(managementPort: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${managementPort}/health/ready`, { signal: AbortSignal.timeout(2_000) });
  return response.ok;
}
