import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { distDir, repositoryRoot } from './paths.ts';
import { StackProblem } from './problem.ts';

const run = promisify(execFile);

/** Options that are part of Keycloak's build; the start uses what was built (`--optimized`). */
const keycloakBuild = ['build', '--db=postgres', '--health-enabled=true', '--features-disabled=ciba,device-flow'];

const fetchTimeoutMs = 600_000;

export type Dist = { kafkaLibs: string; keycloakHome: string };

/**
 * The JVM servers, fetched with Maven and built once. They are made in a directory beside the final one and renamed into place, so that
 * an interrupted fetch is never taken for a good one; the stamp (a hash of what decides the content) is the directory's name.
 */
export async function ensureDist(onProgress: (text: string) => void): Promise<Dist> {
  const pom = join(repositoryRoot, 'deploy', 'local', 'pom.xml');
  const stamp = createHash('sha256').update(readFileSync(pom)).update(keycloakBuild.join(' ')).digest('hex').slice(0, 16);
  const home = join(distDir, stamp);
  if (!exists(home)) {
    mkdirSync(distDir, { recursive: true });
    const draft = mkdtempSync(join(distDir, 'fetching-'));
    try {
      onProgress('fetching Kafka and Keycloak with Maven');
      await maven(pom, draft);
      onProgress('building Keycloak (once)');
      await keycloak(draft);
      writeFileSync(join(draft, 'complete'), `${new Date().toISOString()}\n`);
      renameIntoPlace(draft, home);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
    removeOthers(stamp);
  }
  return { kafkaLibs: join(home, 'kafka', 'libs'), keycloakHome: keycloakIn(home) };
}

async function maven(pom: string, target: string): Promise<void> {
  try {
    await run('mvn', ['-q', '-B', '-ntp', '-f', pom, `-Ddist=${target}`, 'process-resources'], {
      cwd: dirname(pom),
      timeout: fetchTimeoutMs,
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (error) {
    const output = (error as { stdout?: string }).stdout?.trim().split('\n').slice(0, 12).join('\n') ?? '';
    throw new StackProblem(
      `Maven could not fetch Kafka and Keycloak. Is there a way to Maven Central (or a mirror in ~/.m2/settings.xml)?\n${output}`,
      {
        cause: error,
      },
    );
  }
}

async function keycloak(target: string): Promise<void> {
  const home = keycloakIn(target);
  try {
    await run(join(home, 'bin', 'kc.sh'), keycloakBuild, { timeout: fetchTimeoutMs, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const output = (error as { stdout?: string }).stdout?.trim().split('\n').slice(-12).join('\n') ?? '';
    throw new StackProblem(`Keycloak could not be built:\n${output}`, { cause: error });
  }
}

function keycloakIn(home: string): string {
  const name = readdirSync(home).find((entry) => entry.startsWith('keycloak-'));
  if (name === undefined) throw new StackProblem(`There is no Keycloak in ${home}. Remove that directory and start again.`);
  return join(home, name);
}

/** Two starts may fetch at the same time; the first to finish wins and the other uses what it finds. */
function renameIntoPlace(draft: string, home: string): void {
  try {
    renameSync(draft, home);
  } catch (error) {
    if (!exists(home)) throw error;
  }
}

/** Other versions' directories, and what interrupted fetches of long ago left. */
function removeOthers(stamp: string): void {
  for (const entry of readdirSync(distDir)) {
    if (entry !== stamp && !entry.startsWith('fetching-')) rmSync(join(distDir, entry), { recursive: true, force: true });
  }
}

function exists(home: string): boolean {
  try {
    readFileSync(join(home, 'complete'));
    return true;
  } catch {
    return false;
  }
}
