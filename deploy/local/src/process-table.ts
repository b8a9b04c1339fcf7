import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writePrivateJson } from './files.ts';
import { layout } from './paths.ts';
import { StackProblem } from './problem.ts';
import { eventually } from './wait.ts';

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

/** The children of a stack, kept on disk so that the next start can clear up after a starter that was killed. */
export class ProcessTable {
  readonly #file: string;
  readonly #starterFile: string;
  #children: ProcessIdentity[] = [];

  constructor(dir: string) {
    mkdirSync(layout(dir).runDir, { recursive: true });
    this.#file = join(layout(dir).runDir, 'processes.json');
    this.#starterFile = join(layout(dir).runDir, 'starter.json');
  }

  /** Takes the directory for this process, or throws `StackProblem` naming the starter that has it. */
  claim(): void {
    const mine: ProcessIdentity = { part: 'starter', pid: process.pid, startTime: startTimeOf(process.pid) ?? '' };
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        writeFileSync(this.#starterFile, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = this.#holder();
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
    if (this.#holder()?.pid === process.pid) rmSync(this.#starterFile, { force: true });
  }

  add(part: string, pid: number): ProcessIdentity {
    const child = { part, pid, startTime: startTimeOf(pid) ?? '' };
    this.#children.push(child);
    this.#save();
    return child;
  }

  remove(pid: number): void {
    this.#children = this.#children.filter((child) => child.pid !== pid);
    this.#save();
  }

  /** Stops what an earlier starter left running, youngest first. Returns the names of the parts that were. */
  async stopLeftovers(): Promise<string[]> {
    const left = ((readJson(this.#file) ?? []) as ProcessIdentity[]).filter(isAlive).reverse();
    for (const child of left) {
      signal(child.pid, child.part === 'postgres' ? 'SIGINT' : 'SIGTERM');
      const gone = await eventually(() => !isAlive(child), { timeoutMs: 10_000, what: `the end of ${child.part}` }).catch(
        () => false,
      );
      if (gone === false) signal(child.pid, 'SIGKILL');
      await eventually(() => !isAlive(child), { timeoutMs: 10_000, what: `the end of ${child.part} (process ${child.pid})` });
    }
    this.#save();
    return left.map((child) => child.part);
  }

  #holder(): ProcessIdentity | undefined {
    try {
      return readJson(this.#starterFile) as ProcessIdentity | undefined;
    } catch {
      return undefined;
    }
  }

  #save(): void {
    writePrivateJson(this.#file, this.#children);
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
