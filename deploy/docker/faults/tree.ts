import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from '../src/docker.ts';

/** Everything that a container of an image sees, in a folder until it is discarded. */
export interface Tree {
  folder: string;
  /** From its root: `app/main.ts`. */
  paths: readonly string[];
  discard(): void;
}

export async function treeOf(image: string): Promise<Tree> {
  const work = mkdtempSync(join(tmpdir(), 'bankcrm-image-'));
  const [archive, folder] = [join(work, 'tree.tar'), join(work, 'tree')];
  const container = await docker('create', image);
  try {
    await docker('export', '--output', archive, container);
  } finally {
    await docker('rm', container);
  }
  mkdirSync(folder);
  execFileSync('tar', ['--extract', '--file', archive, '--directory', folder, '--same-permissions', '--no-same-owner']);
  return {
    folder,
    paths: pathsBelow(folder, ''),
    discard: () => rmSync(work, { recursive: true, force: true }),
  };
}

/** Node's own way through a folder follows links, here out of the image. */
function pathsBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? [path, ...pathsBelow(root, path)] : [path];
    });
}

/** Each path with its mode and a hash of its content; of a link, of where it leads. */
export const contentOf = ({ folder, paths }: Tree): string[] =>
  paths.map((path) => {
    const entry = lstatSync(join(folder, path));
    const content = entry.isSymbolicLink()
      ? readlinkSync(join(folder, path))
      : entry.isFile()
        ? readFileSync(join(folder, path))
        : '';
    return `${path} ${entry.mode.toString(8)} ${createHash('sha256').update(content).digest('hex')}`;
  });
