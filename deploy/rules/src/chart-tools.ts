import { spawn } from 'node:child_process';
import { type GoTool, goTool } from '@bankcrm/local';
import { assembleCharts, committedOutput, examplesOf, renderExample } from './charts.ts';
import { kubernetesSchemas } from './kubernetes-schemas.ts';
import { examples } from './rendered.ts';
import type { Rules } from './rule.ts';

/** Committed output that every change of a chart has to bring along. */
export const committedChartRules: Rules = {
  'render to what is committed beside the examples; npm run charts -- --render writes it': async (root) =>
    (await examples(root)).filter(({ name, text }) => committedOutput(root, name) !== text).map(({ name }) => name),
};

/** What programs say of charts that others wrote. */
export const chartToolRules: Rules = {
  'pass helm lint': async (root) => {
    const charts = await assembleCharts(root);
    try {
      const values = ['bankcrm/values.yaml', 'bankcrm/examples/minimal.yaml'].flatMap((file) => ['--values', file]);
      await charts.helm('lint', '--strict', '--quiet', ...values, ...charts.names);
      return [];
    } catch (error) {
      return [(error as Error).message];
    } finally {
      charts.discard();
    }
  },

  'hold for each version of Kubernetes only what its schemas know': async (root) => {
    const charts = await assembleCharts(root);
    try {
      const problems: string[] = [];
      for (const [version, schemas] of await kubernetesSchemas(root)) {
        const rendered = await Promise.all(examplesOf(root).map((example) => renderExample(charts, example, version)));
        const place = `${schemas}/{{ .ResourceKind }}-{{ .Group }}-{{ .ResourceAPIVersion }}.json`;
        // Names of objects are the examples' own: whichever has the mistake, the message names the object.
        const output = await given('kubeconform', ['-strict', '-schema-location', place], rendered.join('\n---\n'));
        problems.push(...output.map((line) => `${version}: ${line}`));
      }
      return problems;
    } finally {
      charts.discard();
    }
  },

  'make pods that Pod Security lets run at its level restricted': async (root) =>
    (
      await Promise.all(
        (
          await examples(root)
        ).map(async ({ name, text }) => (await given('podsecurity', [], text)).map((line) => `${name}: ${line}`)),
      )
    ).flat(),
};

/** Lines that a program prints of what it reads. */
async function given(tool: GoTool, args: readonly string[], input: string): Promise<string[]> {
  const child = spawn(await goTool(tool), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
  // One that has stopped reading says why in what it printed.
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const lines = Buffer.concat(printed)
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  return code === 0 || lines.length > 0 ? lines : [`${tool} ended with ${code} and said nothing`];
}
