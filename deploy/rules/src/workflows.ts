import { globSync } from 'node:fs';
import { goTool } from '@bankcrm/local';
import type { Rules } from './rule.ts';
import { run } from './run.ts';

export const workflowRules: Rules = {
  'are what actionlint lets pass': async (root) => {
    const files = globSync('.github/workflows/*.yaml', { cwd: root });
    if (files.length === 0) return ['there is none'];
    // A linter of shells would have to be fetched from elsewhere.
    const { code, output } = await run(await goTool('actionlint'), ['-shellcheck=', '-pyflakes=', ...files], root);
    return code === 0 ? [] : [output];
  },
};
