import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from './paths.ts';
import { StackProblem } from './problem.ts';

const run = promisify(execFile);
const timeoutMs = 300_000;

/** Options that are part of Keycloak's build; the start uses what was built (`--optimized`). deploy/keycloak/README.md has the same for images. */
const buildOptions = [
  '--db=postgres',
  '--health-enabled=true',
  '--features-disabled=ciba,device-flow',
  '--spi-brute-force-protector--provider=turn-taking',
];

const providerDir = join(repositoryRoot, 'deploy', 'keycloak', 'sign-in-turns');

/** Changes when a Keycloak built earlier would no longer be the right one. */
export function keycloakBuildHash(): string {
  const hash = createHash('sha256').update(buildOptions.join(' '));
  for (const file of filesIn(providerDir)) hash.update(file).update(readFileSync(join(providerDir, file)));
  return hash.digest('hex');
}

/** Compiles the sign-in provider into a distribution and lets Keycloak build itself with it. */
export async function buildKeycloak(home: string, signal?: AbortSignal): Promise<void> {
  const classes = mkdtempSync(join(tmpdir(), 'bankcrm-keycloak-'));
  const sources = filesIn(providerDir)
    .filter((file) => file.endsWith('.java'))
    .map((file) => join(providerDir, file));
  try {
    await step('javac', [
      '--release',
      '17',
      '-proc:none',
      '-d',
      classes,
      '-cp',
      join(home, 'lib', 'lib', 'main', '*'),
      ...sources,
    ]);
    const jar = join(home, 'providers', 'bankcrm-sign-in-turns.jar');
    await step('jar', ['--create', '--file', jar, '-C', classes, '.', '-C', providerDir, 'META-INF'], signal);
  } finally {
    rmSync(classes, { recursive: true, force: true });
  }
  await step(join(home, 'bin', 'kc.sh'), ['build', ...buildOptions], signal);
}

async function step(command: string, args: string[], signal?: AbortSignal): Promise<void> {
  try {
    await run(command, args, { timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    const output = `${stdout}${stderr}`.trim().split('\n').slice(-12).join('\n');
    throw new StackProblem(`Keycloak could not be built (${command}):\n${output}`, { cause: error });
  }
}

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}
