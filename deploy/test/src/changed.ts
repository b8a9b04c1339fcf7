import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package of the repository: where it stands, and which others it names in its package.json. */
export interface Workspace {
  folder: string;
  name: string;
  uses: readonly string[];
}

/** What a change can reach. */
export interface Reach {
  /** It is outside every package, where nothing says who depends on it. */
  everything: boolean;
  /** Folders of the packages that changed and of those that depend on them. */
  folders: ReadonlySet<string>;
}

/** Files that differ from the last commit shared with main, committed or not. Throws where there is no main. */
export function filesChangedSince(base: string, root: string): string[] {
  const diff = git(root, 'diff', '--name-only', '-z', base);
  const untracked = git(root, 'ls-files', '--others', '--exclude-standard', '-z');
  return [...new Set(`${diff}${untracked}`.split('\0').filter((file) => file !== ''))];
}

/** The commit from which this work began. A fresh clone, as CI makes, knows main as its origin's only. */
export function workBegan(root: string): string {
  const main = git(root, 'for-each-ref', '--format=%(refname)', 'refs/heads/main', 'refs/remotes/origin/main').split('\n')[0];
  if (!main) throw new Error('--changed compares with main, and this clone has no main');
  return git(root, 'merge-base', main, 'HEAD').trim();
}

/** The packages that the root's package.json names. */
export function readWorkspaces(root: string): Workspace[] {
  const { workspaces } = readPackage(join(root, 'package.json'));
  return globSync(
    (workspaces ?? []).map((pattern) => `${pattern}/package.json`),
    { cwd: root },
  ).map((path) => {
    const { name, dependencies = {}, devDependencies = {} } = readPackage(join(root, path));
    return { folder: dirname(path), name, uses: Object.keys({ ...dependencies, ...devDependencies }) };
  });
}

/** The packages that a change reaches, by what they say of themselves. Prose and what only hosts read, `.github`, reach none. */
export function reachOf(changed: readonly string[], workspaces: readonly Workspace[]): Reach {
  const code = changed.filter((file) => !file.endsWith('.md') && !file.startsWith('.github/'));
  const homes = code.map((file) => workspaces.find(({ folder }) => file.startsWith(`${folder}/`)));
  const reached = new Set(homes.filter((home) => home !== undefined));
  // A set also gives what is added while it is gone through.
  for (const { name } of reached) for (const one of workspaces) if (one.uses.includes(name)) reached.add(one);
  return { everything: homes.includes(undefined), folders: new Set([...reached].map(({ folder }) => folder)) };
}

/**
 * Whether a change reaches a test that runs on servers. A package's own tests start its services as processes, so imports do not say it; an
 * acceptance test asks the whole platform.
 */
export function reaches({ everything, folders }: Reach, file: string): boolean {
  if (everything) return true;
  const isAcceptance = file.startsWith('deploy/acceptance/') || /^services\/[^/]+\/acceptance\//.test(file);
  if (isAcceptance) return folders.has('deploy/acceptance') || [...folders].some((folder) => folder.startsWith('services/'));
  return folders.has(file.split('/').slice(0, 2).join('/'));
}

const readPackage = (path: string) =>
  JSON.parse(readFileSync(path, 'utf8')) as {
    name: string;
    workspaces?: string[];
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
  };

const git = (root: string, ...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
