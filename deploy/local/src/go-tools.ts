import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keep } from './keep.ts';
import { repositoryRoot } from './paths.ts';
import { StackProblem } from './problem.ts';

const run = promisify(execFile);
const modules = join(repositoryRoot, 'deploy/tools/go');
const limitMs = 1_800_000;

/** Programs by the module of `deploy/tools/go` that they are built from. */
const moduleOf = {
  helm: 'kubernetes',
  kubeconform: 'kubernetes',
  podsecurity: 'kubernetes',
  actionlint: 'actionlint',
  composecheck: 'composecheck',
} as const;
export type GoTool = keyof typeof moduleOf;

const built = new Map<string, Promise<string>>();

/** Path of a program, built at first use with all others of its module. Throws a `StackProblem` where Go is missing or cannot build them. */
export async function goTool(name: GoTool): Promise<string> {
  const module = moduleOf[name];
  if (!built.has(module)) built.set(module, build(module));
  return join(await built.get(module)!, name);
}

/** The folder of a module's files, as in `k8s.io/kubernetes@v1.34.4`, fetched at first use. Throws a `StackProblem` where its checksum is not `sum`. */
export async function goModule(module: string, sum: string): Promise<string> {
  const { Dir, Sum } = JSON.parse(await go(['mod', 'download', '-json', module], modules)) as { Dir: string; Sum: string };
  if (Sum !== sum) throw new StackProblem(`${module} is not what it was: its checksum is ${Sum}, not ${sum}.`);
  return Dir;
}

function build(module: string): Promise<string> {
  const folder = join(modules, module);
  const hash = createHash('sha256');
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
    if (/\.(go|mod|sum)$/.test(path)) hash.update(`${path}\n`).update(readFileSync(join(folder, path)));
  return keep(`go-${module}-${hash.digest('hex').slice(0, 16)}`, async (draft) => {
    await go(['install', '-trimpath', '-ldflags=-s -w', 'tool', './...'], folder, { GOBIN: draft });
  });
}

/** Runs the Go that is installed and never fetches another. Gives what it printed. */
async function go(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  try {
    const { stdout } = await run('go', [...args], {
      cwd,
      timeout: limitMs,
      maxBuffer: 16 * 1024 * 1024,
      // A copy of the tree has no git that Go could ask for a version.
      env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false', ...env },
    });
    return stdout;
  } catch (error) {
    const { code, stderr } = error as { code?: string | number; stderr?: string };
    if (code === 'ENOENT')
      throw new StackProblem('Helm and what checks charts are built with Go: install Go 1.26 or newer, on the PATH.');
    throw new StackProblem(`go ${args[0]} failed:\n${stderr?.trim().split('\n').slice(-12).join('\n')}`, { cause: error });
  }
}
