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
});
describe('the workflows', () => all(workflowRules));
