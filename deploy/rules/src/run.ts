import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** On a new machine the charts' tools are built at the same time, by both cores. */
const limitMs = 590_000;

/** Runs one of the project's tools from its root; what it printed and how it ended. */
export function run(command: string, args: readonly string[], cwd = root): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { cwd, timeout: limitMs, maxBuffer: 16 * 1024 * 1024, env: { ...process.env, FORCE_COLOR: '0' } };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const ending = error?.killed ? `${command} did not end within ${limitMs / 1_000} s` : '';
      resolve({ code: error ? 1 : 0, output: `${stdout}${stderr}${ending}` });
    });
  });
}
