import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outdatedFiles, unlockedServices } from '@bankcrm/generate';
import { allTopics, readContractTopics, readManifests } from '@bankcrm/manifest';
import { describe, expect, it } from 'vitest';
import { root, run } from '../src/run.ts';

const ok = { code: 0 };
const manifests = readManifests();
const tool = (name: string): string => join(root, 'node_modules/.bin', name);
const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
const folders = workspaces.flatMap((pattern) =>
  pattern.endsWith('/*')
    ? readdirSync(join(root, pattern.slice(0, -2)), { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? [join(pattern.slice(0, -2), entry.name)] : [],
      )
    : [pattern],
);

describe('the code', () => {
  it('type-checks', async () => {
    expect(await run(tool('tsc'), ['-p', '.'])).toMatchObject({ ...ok, output: '' });
  });

  it('is formatted and linted', async () => {
    const result = await run(tool('biome'), ['check', '--error-on-warnings', '--max-diagnostics=50', '.']);
    expect(result, result.output).toMatchObject(ok);
  });

  it('keeps its boundaries: pure domains, no service in another, one home for each driver, no cycles', async () => {
    const result = await run(tool('depcruise'), [
      '--config',
      '.dependency-cruiser.json',
      'libs',
      'services',
      'deploy',
      'proto/descriptors.ts',
    ]);
    expect(result, result.output).toMatchObject(ok);
  });

  it('has a README in every workspace', () => {
    expect(folders.filter((folder) => !existsSync(join(root, folder, 'README.md')))).toEqual([]);
  });

  it('asks for the same version of a package everywhere', () => {
    const versions = new Map<string, Set<string>>();
    for (const folder of ['.', ...folders]) {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(
        readFileSync(join(root, folder, 'package.json'), 'utf8'),
      ) as {
        dependencies?: Record<string, string>;
        devDependencies?: Record<string, string>;
      };
      for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
        versions.set(name, (versions.get(name) ?? new Set()).add(version));
      }
    }
    expect([...versions].filter(([, seen]) => seen.size > 1).map(([name]) => name)).toEqual([]);
    const loose = [...versions].filter(([name, seen]) => !name.startsWith('@bankcrm/') && [...seen].some((v) => !/^\d/.test(v)));
    expect(loose.map(([name]) => name)).toEqual([]);
  });
});

describe('the protos', () => {
  it('follow the lint rules', async () => {
    expect(await run(tool('buf'), ['lint'], join(root, 'proto'))).toMatchObject({ ...ok, output: '' });
  });

  it('break nobody who speaks the version before', async (context) => {
    // Not HEAD: on a clean checkout that is what is being checked, and nothing could ever differ from it.
    const before = await run('git', ['rev-parse', '--verify', 'HEAD~1'], root);
    if (before.code !== 0) return context.skip('this checkout holds no commit before the last one');
    const against = `../.git#ref=${before.output.trim()},subdir=proto`;
    const result = await run(tool('buf'), ['breaking', '--against', against], join(root, 'proto'));
    expect(result, result.output).toMatchObject(ok);
  });

  it('are what the generated code was generated from', async () => {
    const result = await run(process.execPath, ['deploy/rules/src/generated-is-current.ts']);
    expect(result, result.output).toMatchObject(ok);
  });
});

describe('the topics', () => {
  it('are declared by the manifest of the service whose code names them, each once', async () => {
    const contract = readContractTopics(root);
    const name = '(corebanking\\.[a-z-]+\\.v1|bankcrm\\.[a-z-]+\\.v1\\.[a-z-]+)[\'"`]';
    const undeclared: string[] = [];
    for (const manifest of manifests) {
      const places = [`services/${manifest.name}/*.ts`, `proto/bankcrm/${manifest.name}/*.proto`, ':!*.test.ts', ':!*.itest.ts'];
      const grep = await run('git', ['grep', '--untracked', '-ohE', name, '--', ...places]);
      const named = new Set(grep.output.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(0, -1)])));
      const declared = new Set([
        ...Object.keys(manifest.publishes),
        ...Object.values(manifest.consumes).flat(),
        // Written by all.
        ...contract.filter(({ owner }) => owner === 'all services').map((topic) => topic.name),
      ]);
      // Types of core banking's events look like topics with a hyphen: corebanking.customer-snapshot.v1.
      const known = new Set(allTopics(manifests, contract).map((topic) => topic.name));
      for (const topic of named)
        if (!declared.has(topic) && (known.has(topic) || !/^corebanking\.\w+-/.test(topic)))
          undeclared.push(`${manifest.name}: ${topic}`);
    }
    expect(undeclared).toEqual([]);
  });
});

describe('what is generated from the manifests', () => {
  it('is what npm run generate would write', () => {
    expect(outdatedFiles(root)).toEqual([]);
    expect(unlockedServices(root)).toEqual([]);
  });
});
