import { globSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble } from './assemble.ts';

let root: string;
let target: string;
const repository: Record<string, object | string> = {
  'package.json': {
    name: 'bank',
    workspaces: ['libs/*', 'services/*'],
    scripts: { test: 'x' },
    devDependencies: { vitest: '1' },
  },
  'package-lock.json': {},
  'libs/kernel/package.json': { name: '@bank/kernel', dependencies: { zod: '4' } },
  'libs/kernel/src/index.ts': '',
  'libs/database/package.json': {
    name: '@bank/database',
    dependencies: { '@bank/kernel': '*' },
    devDependencies: { '@bank/testing': '*' },
  },
  'libs/database/src/index.ts': '',
  'libs/testing/package.json': { name: '@bank/testing' },
  'libs/testing/src/index.ts': '',
  'services/quota/package.json': { name: '@bank/quota', dependencies: { '@bank/database': '*' }, reads: ['deploy/kafka/*.yaml'] },
  'services/quota/README.md': '',
  'services/quota/service.yaml': '',
  'services/quota/src/main.ts': '',
  'services/quota/src/app/test/kept.ts': '',
  'services/quota/src/app/approve.test.ts': '',
  'services/quota/test/sync.itest.ts': '',
  'services/quota/acceptance/writing.ts': '',
  'services/other/package.json': { name: '@bank/other' },
  'deploy/kafka/topics.yaml': '',
  'deploy/kafka/README.md': '',
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bankcrm-assemble-'));
  target = join(root, 'target');
  for (const [path, content] of Object.entries(repository)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  assemble(root, 'services/quota', target);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const filesIn = (folder: string) =>
  globSync('**', { cwd: join(target, folder), withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(target.length + folder.length + 2))
    .sort();
const packageIn = (path: string) => JSON.parse(readFileSync(join(target, 'packages', path, 'package.json'), 'utf8'));

describe('what an image holds', () => {
  it('is the package, the packages that it needs, directly or through others, and the files it reads of other folders', () => {
    expect(filesIn('files')).toEqual([
      'deploy/kafka/topics.yaml',
      'libs/database/src/index.ts',
      'libs/kernel/src/index.ts',
      'main.ts',
      'services/quota/service.yaml',
      'services/quota/src/app/test/kept.ts',
      'services/quota/src/main.ts',
    ]);
  });

  it('starts by one name', () => expect(readlinkSync(join(target, 'files/main.ts'))).toBe('services/quota/src/main.ts'));

  it('names to npm nothing but what these need at run time', () => {
    expect(filesIn('packages')).toEqual([
      'libs/database/package.json',
      'libs/kernel/package.json',
      'package-lock.json',
      'package.json',
      'services/quota/package.json',
    ]);
    expect(packageIn('.')).toEqual({ name: 'bankcrm-quota', workspaces: ['libs/database', 'libs/kernel', 'services/quota'] });
    expect(packageIn('libs/database')).toEqual({ name: '@bank/database', dependencies: { '@bank/kernel': '*' } });
  });

  it.each(['', 'services/nobody', 'deploy/kafka'])('is not made of %j', (folder) => {
    expect(() => assemble(root, folder, target)).toThrow('set it to the folder of a package: services/customer');
  });
});
