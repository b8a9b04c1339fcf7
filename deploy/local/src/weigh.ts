/**
 * What a running stack costs at rest: memory and processor time of each part over a minute.
 *   node deploy/local/src/weigh.ts [seconds]
 * Memory is what a process has to itself and its share of what it shares (Pss), so that PostgreSQL's buffers count once. Linux only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { layout, localDir } from './paths.ts';
import { isAlive, type ProcessIdentity } from './process-table.ts';

const seconds = Number(process.argv[2] ?? 60);
/** Of `utime` and `stime` in /proc; the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

const { runDir } = layout(localDir());
const parts = readdirSync(runDir)
  .filter((file) => file.startsWith('children-'))
  .flatMap((file) => (JSON.parse(readFileSync(join(runDir, file), 'utf8')) as { children: ProcessIdentity[] }).children)
  .filter(isAlive);

/** The processes of a part: each child of the starter leads a group of its own; those of PostgreSQL leave it, and are its children. */
function processesOf(group: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return false;
      const [, parent, leader] = fieldsOf(pid).map(Number);
      return leader === group || parent === group;
    } catch {
      // It has ended since.
      return false;
    }
  });
}

/** What stands in /proc/<pid>/stat behind the name, which may hold blanks itself. */
function fieldsOf(pid: string): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

const sum = (pids: readonly string[], of: (pid: string) => number): number => pids.reduce((total, pid) => total + of(pid), 0);
const processorSeconds = (pid: string): number => {
  const fields = fieldsOf(pid);
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};
const megabytes = (pid: string): number =>
  Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]) / 1024;

const before = parts.map(({ pid }) => sum(processesOf(pid), processorSeconds));
await pause(seconds * 1000);
const rows = parts.map(({ part, pid }, index) => {
  const pids = processesOf(pid);
  return { part, MB: sum(pids, megabytes), percent: ((sum(pids, processorSeconds) - before[index]!) / seconds) * 100 };
});
const total = {
  part: 'all',
  MB: rows.reduce((all, { MB }) => all + MB, 0),
  percent: rows.reduce((all, { percent }) => all + percent, 0),
};
console.table(
  [...rows, total].map(({ part, MB, percent }) => ({ part, 'memory, MB': Math.round(MB), '% of one core': percent.toFixed(1) })),
);
