import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readJson, writePrivateJson } from './files.ts';
import { layout, nodeBinary, repositoryRoot } from './paths.ts';
import { StackProblem } from './problem.ts';
import { demoBankFile } from './services.ts';
import type { Stack } from './stack.ts';
import { untilSynced } from './until-synced.ts';

const demo = { customers: 2_000, months: 6, seed: 42 };
/** For whoever goes on with this bank where the load ends: other numbers make another bank, with other balances in the same accounts. */
export const demoArguments = Object.entries(demo).flatMap(([name, value]) => [`--${name}`, String(value)]);
const publishTimeoutMs = 300_000;
const syncTimeoutMs = 300_000;

const simulator = join(repositoryRoot, 'deploy', 'simulator', 'src', 'main.ts');

/**
 * Loads the demo bank through Kafka, once for the life of the data: the simulator publishes, and this waits until the customer service has
 * taken everything. Cut short, it is done again at the next start; the same seed gives the same messages, which change nothing twice.
 * Returns false where there was nothing to do.
 */
export async function loadDemo(stack: Stack, onProgress: (text: string) => void, signal?: AbortSignal): Promise<boolean> {
  const stamp = layout(stack.dir).demoStamp;
  if (readJson(stamp) !== undefined) return false;
  if (!existsSync(simulator)) return false;
  await publish(stack, onProgress, signal);
  await untilSynced(stack, {
    timeoutMs: syncTimeoutMs,
    onLeft: (left) => onProgress(`customer service: ${left.toLocaleString('en')} messages left`),
    signal,
  });
  writePrivateJson(stamp, { ...demo, loadTime: new Date().toISOString() });
  return true;
}

async function publish(stack: Stack, onProgress: (text: string) => void, signal?: AbortSignal): Promise<void> {
  const target = ['--prefix', stack.topicPrefix, '--bank', demoBankFile];
  const child = spawn(nodeBinary, ['--disable-warning=TimeoutNegativeWarning', simulator, ...demoArguments, ...target], {
    cwd: repositoryRoot,
    // By which it finds the stack's brokers.
    env: { ...process.env, BANKCRM_LOCAL_DIR: stack.dir },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: publishTimeoutMs,
    detached: true,
    ...(signal === undefined ? {} : { signal }),
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4_000);
  });
  createInterface(child.stdout).on('line', (line) => onProgress(`demo bank: ${line}`));
  const code = await ended;
  signal?.throwIfAborted();
  if (code !== 0) throw new StackProblem(`The simulator could not publish the demo bank:\n${errors.trim()}`);
}
