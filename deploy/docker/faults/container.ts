import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { docker } from '../src/docker.ts';

export interface Settings {
  env?: Readonly<Record<string, string>>;
  /** Paths that it finds where they are on this machine, to read or to write. */
  mounts?: readonly { path: string; writable?: boolean }[];
  memoryBytes?: number;
  args?: readonly string[];
}

/** What a process in a container may have done to it. */
export interface Container {
  /** Everything it has written, to either stream. */
  log(): Promise<string>;
  /** Gives the exit code when it has ended by itself. */
  ended(): Promise<number>;
  /** SIGTERM, and SIGKILL half a minute later. Gives the exit code. */
  stop(): Promise<number>;
  remove(): Promise<void>;
}

/**
 * Starts an image on the machine's own network with as little as a cluster gives it: nobody's user, a root file system that is only read, no capability, no
 * new privilege, and no shell.
 */
export async function startContainer(
  image: string,
  { env = {}, mounts = [], memoryBytes, args = [] }: Settings,
): Promise<Container> {
  const id = await docker(
    'run',
    '--detach',
    ...['--network', 'host', '--user', '65532:65532', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ...['/bin/sh', '/bin/bash'].flatMap((shell) => ['--mount', `type=bind,src=/dev/null,dst=${shell},readonly`]),
    ...mounts.flatMap(({ path, writable }) => ['--mount', `type=bind,src=${path},dst=${path}${writable ? '' : ',readonly'}`]),
    ...(memoryBytes === undefined ? [] : ['--memory', String(memoryBytes)]),
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    image,
    ...args,
  );
  return {
    async log() {
      const { stdout, stderr } = await promisify(execFile)('docker', ['logs', id]);
      return stdout + stderr;
    },
    ended: async () => Number(await docker('wait', id)),
    async stop() {
      await docker('stop', '--time', '30', id);
      return Number(await docker('inspect', '--format', '{{.State.ExitCode}}', id));
    },
    remove: async () => void (await docker('rm', '--force', id)),
  };
}
