import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { repositoryRoot } from '@bankcrm/manifest';
import type { Breakage } from './breakages.ts';

const run = promisify(execFile);
const template = fileURLToPath(new URL('../template/', import.meta.url));
const generateLimitMs = 120_000;

export interface Copy {
  root: string;
  /** Changes a file or leaves it out; gives how to undo it. */
  change(breakage: Breakage): () => void;
  /** What `npm run generate` does, but for what no new service touches. */
  generate(): Promise<void>;
  /** The descriptors alone: what most rules about protos read. */
  describe(): Promise<void>;
  discard(): void;
}

/**
 * A copy of the tree as it stands here, committed or not. The packages from npm are those that are installed here, by links; who looks at the paths of
 * packages needs the copy's `own packages` (hard links where the file system has them).
 */
export async function copyTree(packages: 'linked packages' | 'own packages' = 'linked packages'): Promise<Copy> {
  const root = mkdtempSync(join(tmpdir(), 'bankcrm-kit-'));
  // As root, PostgreSQL runs as a user of its own, who must be able to enter.
  chmodSync(root, 0o755);
  const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: repositoryRoot,
    maxBuffer: 16 * 1024 * 1024,
  });
  for (const path of stdout.split('\0').filter((one) => one !== '')) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    // A file that is deleted here, and not yet in the index, is not there to be copied.
    if (existsSync(join(repositoryRoot, path))) cpSync(join(repositoryRoot, path), join(root, path));
  }
  if (packages === 'own packages') await copyPackages(root);
  else linkPackages(root);
  const options = (folder: string) => ({
    cwd: join(root, folder),
    timeout: generateLimitMs,
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` },
  });
  const describe = async (): Promise<void> => {
    await run('buf', ['build', '--exclude-source-info', '-o', 'gen/descriptors.binpb'], options('proto'));
  };
  return {
    root,
    change({ path, change }) {
      const file = join(root, path);
      const before = readFileSync(file, 'utf8');
      if (change === 'left out') rmSync(file);
      else writeFileSync(file, change(before));
      return () => writeFileSync(file, before);
    },
    describe,
    async generate() {
      await run('buf', ['generate'], options('proto'));
      await describe();
      await run('node', ['src/app/openapi/write.ts'], options('services/gateway'));
      await run('node', ['src/main.ts'], options('deploy/generate'));
    },
    discard: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function copyPackages(root: string): Promise<void> {
  const paths = [join(repositoryRoot, 'node_modules'), join(root, 'node_modules')];
  await run('cp', ['-al', ...paths]).catch(() => run('cp', ['-a', ...paths]));
}

/** Packages by links to those that are installed here; the workspaces' own by the relative links that npm makes, which lead into the copy. */
function linkPackages(root: string): void {
  const installed = join(repositoryRoot, 'node_modules');
  const target = join(root, 'node_modules');
  mkdirSync(join(target, '@bankcrm'), { recursive: true });
  for (const name of readdirSync(installed).filter((one) => one !== '@bankcrm'))
    symlinkSync(join(installed, name), join(target, name));
  for (const name of readdirSync(join(installed, '@bankcrm')))
    symlinkSync(readlinkSync(join(installed, '@bankcrm', name)), join(target, '@bankcrm', name));
}

/** Adds the template's service and the permissions of its RPCs to roles: all that a new service is. Administrators keep notes; who may list customers may list them there. */
export async function addKit(copy: Copy): Promise<void> {
  cpSync(template, copy.root, { recursive: true });
  copy.change({
    path: 'libs/access/permissions.yaml',
    change: (text) =>
      text
        .replace(/\n {2}admin:\n[\s\S]*?permissions:\s*\[/, '$&\n        kit.notes.create,')
        .replaceAll(/^ {8}customer\.customers\.list,$/gm, '$&\n        kit.subjects.list,'),
  });
  await copy.generate();
}
