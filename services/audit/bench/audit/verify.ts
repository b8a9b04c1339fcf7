import { spawn } from 'node:child_process';
import { type Stack, serviceEnv } from '@bankcrm/local';

const command = new URL('../../src/command.ts', import.meta.url).pathname;

/** Entries a second that the verifier checks, by its own word: start and anchors included. Throws when it finds anything. */
export async function verifiedPerSecond(stack: Stack): Promise<number> {
  const child = spawn(process.execPath, [command, 'verify'], {
    env: { ...process.env, ...serviceEnv('audit', stack), NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const rate = /\((\d+) entries\/s\)/.exec(output)?.[1];
  if (code !== 0 || rate === undefined) throw new Error(`the log that was just made does not verify:\n${output}`);
  return Number(rate);
}
