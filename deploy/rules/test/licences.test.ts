import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from '../src/run.ts';

interface Locked {
  link?: boolean;
  license?: string;
  optional?: boolean;
  os?: string[];
}

const { allowed, exceptions } = parse(readFileSync(join(root, 'deploy/rules/licences.yaml'), 'utf8')) as {
  allowed: string[];
  exceptions: Record<string, string>;
};
const tools = readdirSync(join(root, 'deploy/tools'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
const lockFiles = ['package-lock.json', ...tools.map(({ name }) => `deploy/tools/${name}/package-lock.json`)];
const taken = lockFiles.flatMap((file) => {
  const { packages } = JSON.parse(readFileSync(join(root, file), 'utf8')) as { packages: Record<string, Locked> };
  return Object.entries(packages).flatMap(([path, locked]) =>
    path.includes('node_modules/') && !locked.link ? [{ name: path.split('node_modules/').at(-1)!, ...locked }] : [],
  );
});

/** `(MIT OR EUPL-1.1+)` needs one licence that is allowed, `(MIT AND Zlib)` all of them; binaries of other platforms go by their main package. */
function isAllowed({ license, optional, os }: Locked): boolean {
  if (license === undefined) return optional === true && os !== undefined;
  return license
    .replaceAll(/[()]/g, '')
    .split(/\s+OR\s+/i)
    .some((option) => option.split(/\s+AND\s+/i).every((one) => allowed.includes(one) || one === 'Zlib'));
}

const isExcepted = (name: string): boolean =>
  Object.keys(exceptions).some((pattern) => pattern === name || (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1))));

describe('licences', () => {
  it('are all allowed, or excepted by name with a reason', () => {
    expect(taken.length).toBeGreaterThan(300);
    expect(
      taken.filter((one) => !isAllowed(one) && !isExcepted(one.name)).map(({ name, license }) => `${name}: ${license}`),
    ).toEqual([]);
  });
});
