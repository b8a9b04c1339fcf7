import { goTool } from '@bankcrm/local';
import { apiRules } from '@bankcrm/rules/api.ts';
import { chartNetworkRules } from '@bankcrm/rules/chart-network.ts';
import { chartObjectRules } from '@bankcrm/rules/chart-objects.ts';
import { chartToolRules } from '@bankcrm/rules/chart-tools.ts';
import { columnRules } from '@bankcrm/rules/columns.ts';
import { migrationRules } from '@bankcrm/rules/migrations.ts';
import type { Rules } from '@bankcrm/rules/rule.ts';
import { generatedRules, protoRules } from '@bankcrm/rules/tools.ts';
import { topicRules } from '@bankcrm/rules/topics.ts';
import { workspaceRules } from '@bankcrm/rules/workspaces.ts';
import { testStack } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakages } from '../src/breakages.ts';
import { addKit, type Copy, copyTree } from '../src/copy.ts';

/** Those that look at files in no time, and at what Helm makes of them; what compiles or lints everything is left to the long form. */
const rules: Rules = {
  ...workspaceRules,
  ...topicRules,
  ...generatedRules,
  ...migrationRules,
  ...apiRules,
  ...columnRules(testStack().postgres.superuserUrl, ['kit']),
  ...lintRule(),
  ...chartToolRules,
  ...chartObjectRules,
  ...chartNetworkRules,
};

/** The first time, Helm is built. */
const buildLimitMs = 1_800_000;

let copy: Copy;
beforeAll(async () => {
  copy = await copyTree();
  await addKit(copy);
  await goTool('helm');
}, buildLimitMs);
afterAll(() => copy?.discard());

describe('a service that is a folder and a permission of one role', () => {
  it.each(Object.entries(rules))('%s', async (_, rule) => expect(await rule(copy.root)).toEqual([]));
});

describe('a mistake in it is found by the rule that', () => {
  it.each(Object.entries(rules))('%s', async (name, rule) => {
    const breakage = breakages[name];
    if (!breakage) throw new Error('no mistake is known that this rule finds');
    const undo = copy.change(breakage);
    try {
      if (breakage.path.endsWith('.proto')) await copy.describe();
      expect((await rule(copy.root)).join('\n')).toMatch(/kit|note|zod|service-permissions/i);
    } finally {
      undo();
      if (breakage.path.endsWith('.proto')) await copy.describe();
    }
  });

  it('is made for no rule that is not there', () => {
    expect(Object.keys(breakages).filter((name) => !(name in rules))).toEqual([]);
  });
});

function lintRule(): Rules {
  const name = 'follow the lint rules';
  return { [name]: protoRules[name]! };
}
