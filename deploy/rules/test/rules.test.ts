import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiRules } from '../src/api.ts';
import { licenceRules } from '../src/licences.ts';
import { migrationRules } from '../src/migrations.ts';
import type { Rules } from '../src/rule.ts';
import { root, run } from '../src/run.ts';
import { codeRules, generatedRules, protoRules } from '../src/tools.ts';
import { topicRules } from '../src/topics.ts';
import { workspaceRules } from '../src/workspaces.ts';

const all = (rules: Rules): void => it.each(Object.entries(rules))('%s', async (_, rule) => expect(await rule(root)).toEqual([]));

describe('the code', () => all(codeRules));
describe('every workspace', () => all(workspaceRules));
describe('a topic', () => all(topicRules));
describe('files and workspaces that follow from manifests', () => all(generatedRules));
describe('a migration', () => all(migrationRules));
describe('the API', () => all(apiRules));
describe('licences', () => all(licenceRules));

describe('the protos', () => {
  all(protoRules);

  it('break nobody who speaks the version before', async (context) => {
    // Not HEAD: on a clean checkout that is what is being checked, and nothing could ever differ from it.
    const before = await run('git', ['rev-parse', '--verify', 'HEAD~1'], root);
    if (before.code !== 0) return context.skip('this checkout holds no commit before the last one');
    const against = `../.git#ref=${before.output.trim()},subdir=proto`;
    const result = await run(join(root, 'node_modules/.bin/buf'), ['breaking', '--against', against], join(root, 'proto'));
    expect(result, result.output).toMatchObject({ code: 0 });
  });
});
