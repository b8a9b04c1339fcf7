import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suiteDatabase } from '@bankcrm/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replaceFunctions } from '../src/replace-functions.ts';

describe('SQL functions of a service', () => {
  let folder: string;
  let client: pg.Client;
  let ownerUrl: string;

  beforeAll(async () => {
    ownerUrl = (await suiteDatabase('directory')).owner;
    folder = mkdtempSync(join(tmpdir(), 'bankcrm-functions-'));
    client = new pg.Client({ connectionString: ownerUrl });
    await client.connect();
    await client.query('CREATE SCHEMA directory');
  });
  afterAll(async () => {
    await client?.end();
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const replace = () => replaceFunctions({ ownerUrl, schema: 'directory', folder });
  const answer = async (): Promise<number> => (await client.query('SELECT directory.answer() AS answer')).rows[0].answer;
  const applied = async (): Promise<unknown> => (await client.query('SELECT * FROM directory.functions_applied')).rows;
  const answering = (value: number) =>
    `CREATE OR REPLACE FUNCTION directory.answer() RETURNS int LANGUAGE sql AS 'SELECT ${value}';`;

  it('are nothing to do where there are none', async () => {
    await replaceFunctions({ ownerUrl, schema: 'directory', folder: join(folder, 'none') });
    expect((await client.query(`SELECT to_regclass('directory.functions_applied') AS table`)).rows).toEqual([{ table: null }]);
  });

  it('are applied in the order of their names, and again only when a file changes', async () => {
    write('b.sql', `CREATE OR REPLACE VIEW directory.answers AS SELECT directory.answer();`);
    write('a.sql', answering(41));
    await Promise.all([replace(), replace()]);
    expect(await answer()).toBe(41);
    const first = await applied();
    await client.query(answering(0));
    await replace();
    expect(await answer()).toBe(0);
    expect(await applied()).toEqual(first);
    write('a.sql', answering(42));
    await replace();
    expect(await answer()).toBe(42);
  });

  it('stay as they were when a file cannot be applied, and the error names it', async () => {
    const before = await applied();
    write('a.sql', answering(43));
    write('c.sql', 'CREATE OR REPLACE FUNCTION directory.broken() RETURNS int LANGUAGE sql AS $$ SELECT nothing $$;');
    await expect(replace()).rejects.toThrow('c.sql');
    expect(await answer()).toBe(42);
    expect(await applied()).toEqual(before);
    rmSync(join(folder, 'c.sql'));
    await replace();
    expect(await answer()).toBe(43);
  });

  it('wait for a migration under way', async () => {
    write('a.sql', answering(44));
    const migrating = new pg.Client({ connectionString: ownerUrl });
    await migrating.connect();
    await migrating.query('SELECT pg_advisory_lock($1)', [String(7_241_865_325_823_964n)]);
    const replacing = replace();
    const waiting = `SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await expect.poll(async () => (await client.query(waiting)).rows[0].n, { timeout: 10_000 }).toBe(1);
    expect(await answer()).toBe(43);
    await migrating.end();
    await replacing;
    expect(await answer()).toBe(44);
  });

  it('are remembered in a table whose columns have a class and whose rows nobody but the owner sees', async () => {
    const { rows } = await client.query(`
      SELECT c.relrowsecurity AND c.relforcerowsecurity AS forced, col_description(c.oid, a.attnum) AS comment
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.oid = 'directory.functions_applied'::regclass AND a.attnum > 0`);
    expect(rows).toHaveLength(4);
    for (const { forced, comment } of rows) expect([forced, comment]).toEqual([true, expect.stringMatching(/^C1\b/)]);
  });
});
