import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Comparison, median } from './stats.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const roundLimitMs = 30 * 60_000;

interface Side {
  name: string;
  folder: string;
  /** What each measure gave, a value a round. */
  values: Map<string, number[]>;
}

/**
 * Runs a bench of this checkout and of another commit in turns, each round in a platform of its own, so that a slow quarter of an hour of the machine
 * is shared by both; prints medians, spread and how far the medians lie apart. The other commit is run by its own bench.
 */
export async function benchAgainst(commit: string, bench: string, rounds: number, args: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bankcrm-against-'));
  // As root, PostgreSQL runs as a user of its own, who must be able to enter.
  chmodSync(folder, 0o755);
  try {
    git('worktree', 'add', '--detach', folder, commit);
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: ['ignore', 2, 2] });
    const here: Side = { name: 'here', folder: root, values: new Map() };
    const there: Side = { name: git('rev-parse', '--short', commit), folder, values: new Map() };
    for (let round = 1; round <= rounds; round += 1) {
      // Who goes first changes: what the machine does in the course of a round then meets both.
      for (const side of round % 2 === 1 ? [here, there] : [there, here]) {
        process.stderr.write(`round ${round} of ${rounds}: ${side.name}\n`);
        await runRound(side, bench, args);
      }
    }
    print(here, there);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    git('worktree', 'prune');
  }
}

async function runRound({ folder, values }: Side, bench: string, args: readonly string[]): Promise<void> {
  const results = mkdtempSync(join(tmpdir(), 'bankcrm-round-'));
  const file = join(results, 'result.json');
  const child = spawn(
    join(folder, 'node_modules/.bin/node'),
    [join(folder, 'deploy/bench/src/main.ts'), bench, '--rounds', '1', '--json', file, ...args],
    {
      cwd: folder,
      // Both use the servers that are fetched already.
      env: { ...process.env, BANKCRM_DIST_DIR: process.env.BANKCRM_DIST_DIR ?? join(root, '.local', 'dist') },
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: roundLimitMs,
    },
  );
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the bench in ${folder} ended with ${code}`);
  const { comparisons } = JSON.parse(readFileSync(file, 'utf8')) as { comparisons: Comparison[] };
  rmSync(results, { recursive: true });
  // What is compared with several peers is one measure all the same.
  const measured = new Map(comparisons.map(({ name, unit, ours }) => [`${name}, ${unit}`, median(ours)]));
  for (const [measure, value] of measured) values.set(measure, [...(values.get(measure) ?? []), value]);
}

function print(here: Side, there: Side): void {
  const spread = (values: readonly number[]): string =>
    `${round(median(values))} (${round(Math.min(...values))}–${round(Math.max(...values))})`;
  console.table(
    [...here.values].map(([measured, values]) => {
      const others = there.values.get(measured) ?? [];
      const apart = (median(values) / median(others) - 1) * 100;
      return {
        measured,
        here: spread(values),
        [there.name]: spread(others),
        apart: `${apart > 0 ? '+' : ''}${apart.toFixed(1)} %`,
      };
    }),
  );
}

const round = (value: number): string => Math.round(value).toLocaleString('en');
const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
