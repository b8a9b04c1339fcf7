import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { eventually } from '@bankcrm/provision';
import { StackProblem } from './problem.ts';
import { type ProcessTable, signal } from './process-table.ts';

export type ChildSpec = {
  part: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  logFile: string;
  uid?: number;
  gid?: number;
  /** How the part is asked to end in good order. */
  stopSignal: NodeJS.Signals;
  /** How long it may take before it is killed. */
  stopTimeoutMs: number;
};

/** A running part of the stack. */
export type Child = {
  part: string;
  pid: number;
  logFile: string;
  /** Settles when the process has ended, however it ended. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  hasExited(): boolean;
  kill(name: NodeJS.Signals): void;
  /** Asks the part to end, kills it after its limit, and returns when it is gone. Safe to call twice. */
  stop(): Promise<void>;
};

/**
 * Starts a part as a process group of its own, so that Ctrl-C in the terminal reaches only the starter and the parts stop in order.
 * Its output goes to its log file; the log of the run before is kept beside it.
 */
export function startChild(spec: ChildSpec, table: ProcessTable): Child {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  keepPreviousLog(spec.logFile);
  const log = openSync(spec.logFile, 'a', 0o600);
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env ?? process.env,
    detached: true,
    stdio: ['ignore', log, log],
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  });
  closeSync(log);
  const { pid } = child;
  let ended = false;
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signalName) => {
      ended = true;
      if (pid !== undefined) table.remove(pid);
      resolve({ code, signal: signalName });
    });
    child.once('error', () => {
      ended = true;
      resolve({ code: null, signal: null });
    });
  });
  if (pid === undefined) throw new StackProblem(`Could not start ${spec.part}: ${spec.command} is not there or cannot be run.`);
  table.add(spec.part, pid);

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    if (ended) return;
    signal(pid, spec.stopSignal);
    const limit = AbortSignal.timeout(spec.stopTimeoutMs);
    const inTime = await Promise.race([
      exited.then(() => true),
      new Promise<false>((resolve) => limit.addEventListener('abort', () => resolve(false))),
    ]);
    if (!inTime) signal(pid, 'SIGKILL');
    await exited;
  };
  return {
    part: spec.part,
    pid,
    logFile: spec.logFile,
    exited,
    hasExited: () => ended,
    kill: (name) => signal(pid, name),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Waits until the part answers; fails at once, with the end of its log, when its process ends first. */
export async function untilReady(
  child: Child,
  probe: () => Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const stopWaiting = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
  void child.exited.then(() => ended.abort());
  try {
    await eventually(probe, { timeoutMs, what: child.part, everyMs: 200, signal: stopWaiting });
  } catch (cause) {
    signal?.throwIfAborted();
    const how = child.hasExited() ? 'ended before it was ready' : `was not ready within ${timeoutMs / 1000} s`;
    throw new StackProblem(`${child.part} ${how}. The end of ${child.logFile}:\n${lastLines(child.logFile, 20)}`, { cause });
  }
}

function lastLines(path: string, count: number): string {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => `  ${line}`)
    .join('\n');
}

function keepPreviousLog(path: string): void {
  try {
    renameSync(path, path.replace(/\.log$/, '.previous.log'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
