/**
 * Lays out what an image holds, at its build, where only Node is: a package of the repository, the packages of the repository that it needs at run time,
 * and `package.json` files that name nothing else, so that npm installs nothing else. `node assemble.ts <package's folder> <target>`, at the repository's root.
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

interface Package {
  name: string;
  workspaces?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  scripts?: Record<string, string>;
  allowScripts?: Record<string, boolean>;
  /** Files of other folders that its code reads, as globs from the root. */
  reads?: string[];
}

/** Folders of a package that are tests, or what people run beside a service. */
const besides = new Set(['node_modules', 'test', 'acceptance', 'faults', 'bench', 'demo']);

/**
 * Fills `<target>/files` with code and `<target>/packages` with what npm must know to install. Throws where the folder holds no package of the repository.
 */
export function assemble(root: string, folder: string, target: string): void {
  const { workspaces = [], ...top } = readPackage(root, '.');
  const folders = globSync(workspaces, { cwd: root }).filter((path) => existsSync(join(root, path, 'package.json')));
  if (!folders.includes(folder))
    throw new Error(`PACKAGE is ${folder || 'empty'}; set it to the folder of a package: services/customer`);
  const homes = new Map(folders.map((path) => [readPackage(root, path).name, path]));

  const needed = new Set([folder]);
  // A set also gives what is added while it is gone through.
  for (const path of needed)
    for (const name of Object.keys(readPackage(root, path).dependencies ?? {})) {
      const home = homes.get(name);
      if (home !== undefined) needed.add(home);
    }

  const [files, packages] = [join(target, 'files'), join(target, 'packages')];
  for (const path of needed) {
    const from = join(root, path);
    cpSync(from, join(files, path), { recursive: true, filter: (source) => isShipped(relative(from, source)) });
    writePackage(packages, path, readPackage(root, path));
  }
  for (const path of globSync(readPackage(root, folder).reads ?? [], { cwd: root }))
    cpSync(join(root, path), join(files, path), { recursive: true });
  // One name for what starts, in every image.
  symlinkSync(join(folder, 'src', 'main.ts'), join(files, 'main.ts'));
  writePackage(packages, '.', { ...top, name: `bankcrm-${basename(folder)}`, workspaces: [...needed].sort() });
  cpSync(join(root, 'package-lock.json'), join(packages, 'package-lock.json'));
}

/** Of a path inside a package. Its package.json comes with the others. */
function isShipped(path: string): boolean {
  const [first = ''] = path.split(sep);
  return !besides.has(first) && path !== 'README.md' && path !== 'package.json' && !path.endsWith('.test.ts');
}

const readPackage = (root: string, folder: string) =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Package;

function writePackage(target: string, folder: string, { devDependencies, scripts, allowScripts, ...rest }: Package): void {
  const path = join(target, folder, 'package.json');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(rest, null, 2)}\n`);
}

if (import.meta.main) assemble('.', process.argv[2]!, process.argv[3]!);
