import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildKeycloak, keycloakBuildHash } from './keycloak-build.ts';
import { distDir, repositoryRoot } from './paths.ts';
import { StackProblem } from './problem.ts';

const run = promisify(execFile);

const fetchTimeoutMs = 600_000;

export type Dist = { kafkaLibs: string; keycloakHome: string };

/**
 * The JVM servers, fetched with Maven and built once. They are made in a directory beside the final one and renamed into place, so that
 * an interrupted fetch is never taken for a good one; the stamp (a hash of what decides the content) is the directory's name.
 */
export async function ensureDist(onProgress: (text: string) => void, signal?: AbortSignal): Promise<Dist> {
  const pom = join(repositoryRoot, 'deploy', 'local', 'pom.xml');
  const stamp = createHash('sha256').update(readFileSync(pom)).update(keycloakBuildHash()).digest('hex').slice(0, 16);
  const home = join(distDir, stamp);
  if (!exists(home)) {
    mkdirSync(distDir, { recursive: true });
    const draft = mkdtempSync(join(distDir, 'fetching-'));
    try {
      onProgress('fetching Kafka and Keycloak with Maven');
      await timed('Kafka and Keycloak are fetched', onProgress, () => maven(pom, draft, signal));
      await timed('Keycloak is built, once', onProgress, () => buildKeycloak(keycloakIn(draft), signal));
      writeFileSync(join(draft, 'complete'), `${new Date().toISOString()}\n`);
      renameIntoPlace(draft, home);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  const now = new Date();
  utimesSync(home, now, now);
  removeUnused();
  return { kafkaLibs: join(home, 'kafka', 'libs'), keycloakHome: keycloakIn(home) };
}

async function timed(done: string, onProgress: (text: string) => void, work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  await work();
  onProgress(`${done} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

async function maven(pom: string, target: string, signal?: AbortSignal): Promise<void> {
  try {
    await run('mvn', ['-q', '-B', '-ntp', '-f', pom, `-Ddist=${target}`, 'process-resources'], {
      cwd: dirname(pom),
      timeout: fetchTimeoutMs,
      maxBuffer: 16 * 1024 * 1024,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    const output = (error as { stdout?: string }).stdout?.trim().split('\n').slice(0, 12).join('\n') ?? '';
    throw new StackProblem(
      `Maven could not fetch Kafka and Keycloak. Is there a way to Maven Central (or a mirror in ~/.m2/settings.xml)?\n${output}`,
      { cause: error },
    );
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

/** Versions nobody has started for a week, interrupted fetches included. A younger one may be what another stack runs from. */
function removeUnused(): void {
  const weekMs = 7 * 24 * 3_600_000;
  for (const entry of readdirSync(distDir)) {
    const path = join(distDir, entry);
    if (Date.now() - statSync(path).mtimeMs > weekMs) rmSync(path, { recursive: true, force: true });
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
