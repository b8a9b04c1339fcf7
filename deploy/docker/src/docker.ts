import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs docker and gives what it prints. Throws with the end of what it says when it fails. */
export async function docker(...args: string[]): Promise<string> {
  try {
    const env = { ...process.env, DOCKER_BUILDKIT: '1' };
    const { stdout } = await run('docker', args, { env, maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') throw new Error('docker is not there: install Docker with BuildKit.', { cause });
    throw new Error(`docker ${args[0]} failed:\n${stderr.trim().split('\n').slice(-20).join('\n')}`, { cause });
  }
}
