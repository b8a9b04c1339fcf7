import { join } from 'node:path';
import { outdatedFiles, unlockedServices } from '@bankcrm/generate';
import type { Rule, Rules } from './rule.ts';
import { run } from './run.ts';

/** A program of the tree's own packages that ends well, or what it printed. */
const program =
  (name: string, args: readonly string[], folder = '.'): Rule =>
  async (root) => {
    const { code, output } = await run(join(root, 'node_modules/.bin', name), args, join(root, folder));
    return code === 0 ? [] : [output];
  };

export const codeRules: Rules = {
  'type-checks': program('tsc', ['-p', '.']),
  'is formatted and linted': program('biome', ['check', '--error-on-warnings', '--max-diagnostics=50', '.']),
  'keeps its boundaries: pure domains, no service in another, one home for each driver, no cycles': program('depcruise', [
    ...['--config', '.dependency-cruiser.json'],
    ...['libs', 'services', 'deploy', 'proto/descriptors.ts'],
  ]),
};

export const protoRules: Rules = {
  'follow the lint rules': program('buf', ['lint'], 'proto'),
  'are what the generated code was generated from': program('node', ['deploy/rules/src/generated-is-current.ts']),
};

export const generatedRules: Rules = {
  'are what npm run generate would write': outdatedFiles,
  'stand in the lock file': unlockedServices,
};
