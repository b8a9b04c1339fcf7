import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchAgainst } from './against.ts';
import { benchCustomer360 } from './customer-360/customer-360.ts';
import { printTable } from './stats.ts';
import { benchSync } from './sync/sync.ts';

const usage = `npm run bench -- sync [--customers 100000] [--transactions 1000000] [--rounds 3] [--json FILE]
npm run bench -- customer-360 [--customers 20000] [--rounds 5] [--json FILE]
either with --against COMMIT: this checkout and that commit in turns, so many rounds each`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    customers: { type: 'string' },
    transactions: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    against: { type: 'string' },
  },
});

function whole(name: 'customers' | 'transactions' | 'rounds', standard: number): number {
  const value = Number(values[name] ?? standard);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0\n${usage}`);
  return value;
}

const benches = {
  sync: () =>
    benchSync({
      customers: whole('customers', 100_000),
      transactions: whole('transactions', 1_000_000),
      rounds: whole('rounds', 3),
    }),
  'customer-360': () => benchCustomer360({ customers: whole('customers', 20_000), rounds: whole('rounds', 5) }),
};

const name = positionals[0];
if (name === undefined || !Object.hasOwn(benches, name)) {
  console.error(usage);
  process.exit(2);
}
if (values.against !== undefined) {
  const sizes = (['customers', 'transactions'] as const).flatMap((size) =>
    values[size] === undefined ? [] : [`--${size}`, values[size]],
  );
  await benchAgainst(values.against, name, whole('rounds', 3), sizes);
  process.exit(0);
}
const comparisons = await benches[name as keyof typeof benches]();
printTable(comparisons);
const json = JSON.stringify({ bench: name, comparisons }, null, 2);
if (values.json) writeFileSync(values.json, `${json}\n`);
else console.log(json);
