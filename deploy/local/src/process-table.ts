import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@bankcrm/provision';
import { readJson, writePrivateJson } from './files.ts';
import { layout } from './paths.ts';
import { StackProblem } from './problem.ts';

/** A process and when it began: a pid alone may belong to somebody else by now. */
export type ProcessIdentity = { part: string; pid: number; startTime: string };

/** When a process began, in whatever unit the system gives; undefined when there is no such process or it is a zombie. */
export function startTimeOf(pid: number): string | undefined {
  if (existsSync('/proc/self/stat')) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The command name, in brackets, may itself hold brackets and spaces; the state is the first field after it, the start time the 20th.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 }).trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}

export const isAlive = (process: ProcessIdentity) => startTimeOf(process.pid) === process.startTime;

/**
 * The children that this process has started for a stack, kept on disk (one file for each starting process, since a test may add services
 * to a stack that somebody else runs) so that the next start can clear up after a starter that was killed.
 */
export class ProcessTable {
  readonly #runDir: string;
  readonly #starterFile: string;
  /** Every table of a stack in this process has the same one, so what stands in it is read anew each time. */
  readonly #childrenFile: string;
  readonly #me: ProcessIdentity = { part: 'starter', pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };

  constructor(dir: string) {
    this.#runDir = layout(dir).runDir;
    mkdirSync(this.#runDir, { recursive: true });
    this.#starterFile = join(this.#runDir, 'starter.json');
    this.#childrenFile = join(this.#runDir, `children-${process.pid}.json`);
  }

  /** Takes the directory for this process, or throws `StackProblem` naming the starter that has it. */
  claim(): void {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        writeFileSync(this.#starterFile, JSON.stringify(this.#me), { flag: 'wx', mode: 0o600 });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readStarter(this.#starterFile);
      if (holder && isAlive(holder)) {
        throw new StackProblem(
          `A stack already runs in this directory (process ${holder.pid}). Stop it with Ctrl-C where it runs, or: kill ${holder.pid}`,
        );
      }
      rmSync(this.#starterFile, { force: true });
    }
    throw new StackProblem('Another start took this directory at the same moment. Try again.');
  }

  release(): void {
    if (readStarter(this.#starterFile)?.pid === process.pid) rmSync(this.#starterFile, { force: true });
  }

  add(part: string, pid: number): void {
    this.#save([...this.#children, { part, pid, startTime: startTimeOf(pid) ?? '' }]);
  }

  remove(pid: number): void {
    this.#save(this.#children.filter((child) => child.pid !== pid));
  }

  /** Stops what dead starters left running, youngest first. Returns the names of the parts that were. */
  async stopLeftovers(): Promise<string[]> {
    const stopped: string[] = [];
    for (const name of readdirSync(this.#runDir).filter((entry) => /^children-\d+\.json$/.test(entry))) {
      const file = join(this.#runDir, name);
      const left = readJson(file) as ChildrenFile;
      if (left.starter.pid !== process.pid && isAlive(left.starter)) continue;
      for (const child of left.children.filter(isAlive).reverse()) {
        await stopLeftover(child);
        stopped.push(child.part);
      }
      rmSync(file, { force: true });
    }
    return stopped;
  }

  get #children(): readonly ProcessIdentity[] {
    const file = readJson(this.#childrenFile) as ChildrenFile | undefined;
    // A file of an earlier process with the same id is not this one's.
    return file?.starter.startTime === this.#me.startTime ? file.children : [];
  }

  #save(children: ProcessIdentity[]): void {
    if (children.length === 0) rmSync(this.#childrenFile, { force: true });
    else writePrivateJson(this.#childrenFile, { starter: this.#me, children } satisfies ChildrenFile);
  }
}

type ChildrenFile = { starter: ProcessIdentity; children: ProcessIdentity[] };

async function stopLeftover(child: ProcessIdentity): Promise<void> {
  const gone = () =>
    eventually(() => !isAlive(child), { timeoutMs: 15_000, what: `the end of ${child.part} (process ${child.pid})` });
  signal(child.pid, child.part === 'postgres' ? 'SIGINT' : 'SIGTERM');
  try {
    await gone();
  } catch {
    signal(child.pid, 'SIGKILL');
    await gone();
  }
}

/** A half-written file is a starter that died while writing it. */
function readStarter(file: string): ProcessIdentity | undefined {
  try {
    return readJson(file) as ProcessIdentity | undefined;
  } catch {
    return undefined;
  }
}

/** Signals a child's whole process group (each child leads its own); a process that is gone is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, name);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
