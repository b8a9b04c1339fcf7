import { globSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '@bankcrm/manifest';
import { benchAgainst } from './against.ts';
import { type Bench, type Sizes, sizeNames } from './bench.ts';
import { printTable } from './stats.ts';

/** Files of benches by their names: `sync`. */
const files = new Map(
  globSync('services/*/bench/*.bench.ts', { cwd: repositoryRoot })
    .sort()
    .map((file) => [basename(file, '.bench.ts'), file]),
);
const usage = `npm run bench -- NAME [--customers N] [--transactions N] [--entries N] [--rounds N] [--json FILE] [--against COMMIT]
  NAME is one of: ${[...files.keys()].join(', ')}
  --against runs this checkout and that commit in turns, so many rounds each`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    customers: { type: 'string' },
    transactions: { type: 'string' },
    entries: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    against: { type: 'string' },
  },
});

function whole(name: keyof Sizes | 'rounds', standard: number): number {
  const value = Number(values[name] ?? standard);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0\n${usage}`);
  return value;
}

const [name = ''] = positionals;
const file = files.get(name);
if (file === undefined) {
  console.error(usage);
  process.exit(2);
}
if (values.against !== undefined) {
  const given = sizeNames.filter((size) => values[size] !== undefined);
  await benchAgainst(
    values.against,
    name,
    whole('rounds', 3),
    given.flatMap((size) => [`--${size}`, values[size]!]),
  );
  process.exit(0);
}
const { bench } = (await import(pathToFileURL(join(repositoryRoot, file)).href)) as { bench: Bench };
const sizes: Sizes = Object.fromEntries(
  Object.entries(bench.sizes).map(([size, standard]) => [size, whole(size as keyof Sizes, standard)]),
);
const comparisons = await bench.run(sizes, whole('rounds', bench.rounds));
printTable(comparisons);
const json = JSON.stringify({ bench: name, comparisons }, null, 2);
if (values.json) writeFileSync(values.json, `${json}\n`);
else console.log(json);
