import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifests } from '@bankcrm/manifest';
import type { Rules } from './rule.ts';

interface Package {
  workspaces?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const packageOf = (root: string, folder: string): Package =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Package;

/** The folders of all workspaces, from the root. */
const foldersOf = (root: string): string[] =>
  packageOf(root, '.').workspaces!.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    return readdirSync(join(root, parent), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [join(parent, entry.name)] : [],
    );
  });

/** Name and version of everything that any workspace asks for. */
const askedFor = (root: string): [string, string][] =>
  ['.', ...foldersOf(root)].flatMap((folder) => {
    const { dependencies = {}, devDependencies = {} } = packageOf(root, folder);
    return Object.entries({ ...dependencies, ...devDependencies });
  });

export const workspaceRules: Rules = {
  'has a README': (root) => foldersOf(root).filter((folder) => !existsSync(join(root, folder, 'README.md'))),

  // Without it nobody stops, audits and measures the service in the acceptance tests.
  'brings what is written to it where it answers calls': (root) =>
    readManifests(root)
      .filter(({ name, serves }) => serves === 'grpc' && !existsSync(join(root, 'services', name, 'acceptance', 'writing.ts')))
      .map(({ name }) => name),

  'asks for the same version of a package as all others': (root) => {
    const versions = new Map<string, Set<string>>();
    for (const [name, version] of askedFor(root)) versions.set(name, (versions.get(name) ?? new Set()).add(version));
    return [...versions].filter(([, seen]) => seen.size > 1).map(([name, seen]) => `${name}: ${[...seen].join(', ')}`);
  },

  'asks for exact versions': (root) =>
    askedFor(root)
      .filter(([name, version]) => !name.startsWith('@bankcrm/') && !/^\d/.test(version))
      .map(([name, version]) => `${name}: ${version}`),
};
