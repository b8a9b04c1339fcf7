import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setByCharts } from '@bankcrm/generate';
import { describe, expect, it } from 'vitest';
import { chartNetworkRules } from '../src/chart-network.ts';
import { chartObjectRules } from '../src/chart-objects.ts';
import { chartToolRules, committedChartRules } from '../src/chart-tools.ts';
import type { Rules } from '../src/rule.ts';
import { root } from '../src/run.ts';
import { workflowRules } from '../src/workflows.ts';

/** The first of them builds Helm and what checks the charts. */
const limitMs = 1_800_000;

const all = (rules: Rules): void =>
  it.each(Object.entries(rules))('%s', { timeout: limitMs }, async (_, rule) => expect(await rule(root)).toEqual([]));

describe('the charts', () => {
  all(chartToolRules);
  all(committedChartRules);
  all(chartObjectRules);
  all(chartNetworkRules);

  it('set what no values file may set', () => {
    const templates = ['_env.tpl', '_migration.tpl'].map((name) =>
      readFileSync(join(root, 'helm/common/templates', name), 'utf8'),
    );
    const text = templates.join('').replace('DATABASE_URL_{{ upper $role }}', 'DATABASE_URL_REQUEST DATABASE_URL_WORKER');
    expect([...setByCharts].filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });
});
describe('the workflows', () => all(workflowRules));
