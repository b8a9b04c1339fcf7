/**
 * Lays out what one image holds: a package of the repository, the packages of the repository that it needs at run time, and package.json files that name
 * nothing else, so that `npm ci` installs nothing else. node assemble.mjs <repository> <package's folder> <target>
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

const [root, folder, target] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
const { workspaces, ...top } = read('.');
const homes = new Map(
  globSync(workspaces, { cwd: root })
    .filter((path) => existsSync(join(root, path, 'package.json')))
    .map((path) => [read(path).name, path]),
);

const needed = new Set([folder]);
// A set also gives what is added while it is gone through.
for (const path of needed)
  for (const name of Object.keys(read(path).dependencies ?? {})) if (homes.has(name)) needed.add(homes.get(name));

/** Neither tests nor what people run beside a service. */
const left = new Set(['node_modules', 'test', 'acceptance', 'faults', 'bench', 'demo', 'README.md', 'package.json']);
for (const path of [...needed].sort()) {
  cpSync(join(root, path), join(target, path), {
    recursive: true,
    filter: (source) =>
      !source.endsWith('.test.ts') && !(relative(join(root, path), source).split('/').length === 1 && left.has(basename(source))),
  });
  write(path, strip(read(path)));
}
// What it reads besides, of folders that are not its own.
for (const path of globSync(read(folder).reads ?? [], { cwd: root }))
  cpSync(join(root, path), join(target, path), { recursive: true });
write('.', { ...strip(top), workspaces: [...needed].sort() });
cpSync(join(root, 'package-lock.json'), join(target, 'package-lock.json'));
// One name for what starts, in every image.
symlinkSync(join(folder, 'src/main.ts'), join(target, 'main.ts'));

function strip({ devDependencies, scripts, allowScripts, ...rest }) {
  return rest;
}
function write(path, content) {
  mkdirSync(join(target, path), { recursive: true });
  writeFileSync(join(target, path, 'package.json'), `${JSON.stringify(content, null, 2)}\n`);
}
