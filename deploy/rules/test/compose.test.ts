import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goTool } from '@bankcrm/local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composeRules } from '../src/compose.ts';
import { root, run } from '../src/run.ts';

describe('compose', () => {
  it.each(Object.entries(composeRules))('%s', async (_, rule) => expect(await rule(root)).toEqual([]));
});

/** Building the tools once takes minutes. */
const firstBuildMs = 900_000;

describe('the files of compose, loaded as docker compose loads them', () => {
  let dir: string;
  let program: string;
  const passwords = ['POSTGRES_PASSWORD', 'KEYCLOAK_DATABASE_PASSWORD', 'KEYCLOAK_ADMIN_PASSWORD'];
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'bankcrm-compose-'));
    cpSync(join(root, 'deploy/compose'), dir, { recursive: true, filter: (path) => !/\/(secrets|data|\.env)$/.test(path) });
    writeFileSync(join(dir, '.env'), passwords.map((name) => `${name}=x\n`).join(''));
    program = await goTool('composecheck');
  }, firstBuildMs);
  afterAll(() => rmSync(dir, { recursive: true }));
  const load = (...files: string[]) => run(program, files, dir);
  const change = (file: string, from: string, to: string): string => {
    const text = readFileSync(join(dir, file), 'utf8');
    expect(text).toContain(from);
    writeFileSync(join(dir, `wrong-${file}`), text.replace(from, to));
    return `wrong-${file}`;
  };

  it.each([[['compose.yaml']], [['compose.yaml', 'services.yaml']], [['compose.yaml', 'services.yaml', 'observability.yaml']]])(
    'hold together: %j',
    async (files) => {
      const loaded = await load(...files);
      expect(loaded, loaded.output).toMatchObject({ code: 0 });
    },
  );

  it('are refused with a key that is misspelt', async () => {
    const { code, output } = await load(change('compose.yaml', 'mem_limit', 'mem_limt'));
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('mem_limt') });
  });

  it('are refused where a service waits for one that is not there', async () => {
    const wrong = change('services.yaml', 'customer-migration:\n        condition', 'customer-migrations:\n        condition');
    const { code, output } = await load('compose.yaml', wrong);
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('customer-migrations') });
  });

  it('say which password is not set, and where that is explained', async () => {
    writeFileSync(join(dir, '.env'), '');
    const { code, output } = await load('compose.yaml');
    expect({ code, output }).toMatchObject({
      code: 1,
      output: expect.stringMatching(/POSTGRES_PASSWORD.* is not set; see deploy\/compose/),
    });
  });
});
