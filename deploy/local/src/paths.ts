import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root directory. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');

/** The fetched servers. One copy serves every stack on the machine, so it does not move with `BANKCRM_LOCAL_DIR`. */
export const distDir = resolve(process.env.BANKCRM_DIST_DIR ?? join(repositoryRoot, '.local', 'dist'));

/** Node 24 of the `node` package, whatever Node the machine has. */
export const nodeBinary = join(repositoryRoot, 'node_modules', '.bin', 'node');

/** Where a stack keeps what belongs to it. */
export function layout(dir: string) {
  return {
    stackFile: join(dir, 'stack.json'),
    secretsFile: join(dir, 'secrets.json'),
    keysDir: join(dir, 'keys'),
    tlsDir: join(dir, 'tls'),
    runDir: join(dir, 'run'),
    logDir: join(dir, 'logs'),
    postgresDir: join(dir, 'data', 'postgres'),
    kafkaDir: join(dir, 'data', 'kafka'),
    keycloakHome: join(dir, 'data', 'keycloak'),
    demoStamp: join(dir, 'data', 'demo.json'),
    dataDir: join(dir, 'data'),
  };
}

/** The stack's directory: `BANKCRM_LOCAL_DIR`, or `.local` in the repository. */
export const localDir = () => resolve(process.env.BANKCRM_LOCAL_DIR ?? join(repositoryRoot, '.local'));
