import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readManifests } from '@bankcrm/manifest';
import { nodeBinary, repositoryRoot } from './paths.ts';
import type { Stack } from './stack.ts';

const limitMs = 600_000;

/**
 * Runs the demo content of every service that has some (`services/<name>/demo/main.ts`): one program each, side by side, that works through the
 * gateway and waits by itself for what it needs. Done after "ready", so that nobody waits for it; each tells how it goes in lines of its own, and
 * one that fails stops nothing. A program finds the stack's directory in BANKCRM_LOCAL_DIR.
 */
export async function loadDemoContent(stack: Stack, onProgress: (text: string) => void, signal: AbortSignal): Promise<void> {
  const programs = readManifests().flatMap(({ name }) => {
    const program = join(repositoryRoot, 'services', name, 'demo', 'main.ts');
    return existsSync(program) ? [{ name, program }] : [];
  });
  await Promise.all(programs.map(({ name, program }) => run(name, program, stack, onProgress, signal)));
}

async function run(
  name: string,
  program: string,
  stack: Stack,
  onProgress: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now();
  const child = spawn(nodeBinary, ['--disable-warning=TimeoutNegativeWarning', program], {
    cwd: repositoryRoot,
    env: { ...process.env, BANKCRM_LOCAL_DIR: stack.dir },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    signal,
  });
  const say = (text: string): void => onProgress(`demo of ${name}: ${text}`);
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', say);
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  if (signal.aborted) return;
  say(code === 0 ? `is in (${((performance.now() - began) / 1000).toFixed(1)} s)` : 'failed; npm start tries it again');
}
