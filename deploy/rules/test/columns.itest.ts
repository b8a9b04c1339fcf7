import { join } from 'node:path';
import { migrateService } from '@bankcrm/backend';
import { repositoryRoot } from '@bankcrm/manifest';
import { suiteDatabase } from '@bankcrm/testing';
import pg from 'pg';
import { describe, expect, it } from 'vitest';

const services = ['customer', 'directory'] as const;

/** Tables of ours, with each column's comment and whether row-level security is forced. */
const catalogue = `
  SELECT format('%s.%s', n.nspname, c.relname) AS "table", a.attname AS "column", col_description(c.oid, a.attnum) AS comment,
    c.relrowsecurity AND c.relforcerowsecurity AS walled
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped AND c.relname !~ '_migrations$'`;

interface Column {
  table: string;
  column: string;
  comment: string | null;
  walled: boolean;
}

describe.each(services)('the database of the %s service', (service) => {
  async function columnsOf(schemas: readonly string[]): Promise<Column[]> {
    const database = await suiteDatabase(service);
    await migrateService(database.owner, join(repositoryRoot, 'services', service));
    const client = new pg.Client({ connectionString: database.owner });
    await client.connect();
    try {
      return (await client.query<Column>(catalogue, [schemas])).rows;
    } finally {
      await client.end();
    }
  }

  it('gives every column a data class and every table of its own a forced row-level security', async () => {
    const columns = await columnsOf([service, 'events', 'requests']);
    expect(columns.length).toBeGreaterThan(30);
    const classes = /^(C1|C2 sealed|C2 financial)\b/;
    expect(
      columns.filter(({ comment }) => !classes.test(comment ?? '')).map(({ table, column }) => `${table}.${column}`),
    ).toEqual([]);
    const open = new Set(
      columns.filter(({ table, walled }) => table.startsWith(`${service}.`) && !walled).map(({ table }) => table),
    );
    expect([...open]).toEqual([]);
  });
});
