import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Rules } from './rule.ts';

interface Locked {
  link?: boolean;
  license?: string;
  optional?: boolean;
  os?: string[];
}
interface Taken extends Locked {
  name: string;
}

/** Everything that a lock file of the tree takes from npm. */
function takenBy(root: string): Taken[] {
  const files = ['package-lock.json', ...globSync('deploy/tools/*/package-lock.json', { cwd: root })];
  return files.flatMap((file) => {
    const { packages } = JSON.parse(readFileSync(join(root, file), 'utf8')) as { packages: Record<string, Locked> };
    return Object.entries(packages).flatMap(([path, locked]) =>
      path.includes('node_modules/') && !locked.link ? [{ name: path.split('node_modules/').at(-1)!, ...locked }] : [],
    );
  });
}

/** `(MIT OR EUPL-1.1+)` needs one licence that is allowed, `(MIT AND Zlib)` all of them; binaries of other platforms go by their main package. */
function isAllowed({ license, optional, os }: Locked, allowed: readonly string[]): boolean {
  if (license === undefined) return optional === true && os !== undefined;
  return license
    .replaceAll(/[()]/g, '')
    .split(/\s+OR\s+/i)
    .some((option) => option.split(/\s+AND\s+/i).every((one) => allowed.includes(one) || one === 'Zlib'));
}

/** Fewer packages than this are no lock file of ours: the rule would look at nothing. */
const fewest = 300;

export const licenceRules: Rules = {
  'are all allowed, or excepted by name with a reason': (root) => {
    const { allowed, exceptions } = parse(readFileSync(join(root, 'deploy/rules/licences.yaml'), 'utf8')) as {
      allowed: string[];
      exceptions: Record<string, string>;
    };
    const isExcepted = (name: string): boolean =>
      Object.keys(exceptions).some(
        (pattern) => pattern === name || (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1))),
      );
    const taken = takenBy(root);
    if (taken.length < fewest) return [`only ${taken.length} packages are known`];
    return taken
      .filter((one) => !isAllowed(one, allowed) && !isExcepted(one.name))
      .map(({ name, license }) => `${name}: ${license}`);
  },
};
