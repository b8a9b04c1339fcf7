import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StackProblem } from '@bankcrm/local';
import { repositoryRoot } from '@bankcrm/manifest';
import { assembleCharts, examplesOf, packageCharts, renderExample, renderedPath } from './charts.ts';

const usage = `npm run charts -- --render          writes what the examples of helm/bankcrm render to, beside them
npm run charts -- --out <folder>    makes the archive of the chart with everything that it depends on`;

try {
  const { render, out } = parseArgs({ options: { render: { type: 'boolean' }, out: { type: 'string' } } }).values;
  if (!render && out === undefined) throw new StackProblem(usage);
  const charts = await assembleCharts(repositoryRoot);
  try {
    if (render)
      for (const example of examplesOf(repositoryRoot))
        writeFileSync(join(repositoryRoot, renderedPath(example)), await renderExample(charts, example));
    if (out !== undefined) {
      mkdirSync(resolve(out), { recursive: true });
      process.stdout.write(await packageCharts(charts, resolve(out)));
    }
  } finally {
    charts.discard();
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
