import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrationLock, migrationTimeoutMs } from '@bankcrm/database';
import pg from 'pg';

export interface Functions {
  /** Connects as the schema's owner. */
  ownerUrl: string;
  schema: string;
  /** Folder of `name.sql` files, each of `CREATE OR REPLACE …` and grants. It need not exist. */
  folder: string;
}

/**
 * Applies all files of a folder in the order of their names, in one transaction, when any differs from what was applied last. Several starters wait for one
 * another, and for a migration under way. Throws with the name of a file that PostgreSQL refuses; then nothing has changed.
 */
export async function replaceFunctions({ ownerUrl, schema, folder }: Functions): Promise<void> {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  const sha256 = createHash('sha256').update(JSON.stringify(files)).digest('hex');
  const table = `${pg.escapeIdentifier(schema)}.functions_applied`;

  const client = new pg.Client({
    connectionString: ownerUrl,
    connectionTimeoutMillis: 5_000,
    statement_timeout: migrationTimeoutMs,
    query_timeout: migrationTimeoutMs + 5_000,
    keepAlive: true,
  });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    await createTable(client, table);
    const { rows } = await client.query<{ sha256: string }>(`SELECT sha256 FROM ${table}`);
    if (rows[0]?.sha256 === sha256) return;
    for (const { name, text } of files) {
      await client.query(text).catch((cause: unknown) => {
        throw new Error(`${join(folder, name)} cannot be applied`, { cause });
      });
    }
    await client.query(
      `INSERT INTO ${table} (sha256, apply_time) VALUES ($1, now())
       ON CONFLICT (only_row) DO UPDATE SET sha256 = excluded.sha256, apply_time = excluded.apply_time`,
      [sha256],
    );
    await client.query('COMMIT');
  } finally {
    // What was not committed is rolled back.
    await client.end();
  }
}

async function createTable(client: pg.Client, table: string): Promise<void> {
  const { rows } = await client.query<{ known: boolean }>('SELECT to_regclass($1) IS NOT NULL AS known', [table]);
  if (rows[0]!.known) return;
  await client.query(`
    CREATE TABLE ${table} (
      only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
      sha256 text NOT NULL,
      apply_time timestamptz(3) NOT NULL
    );
    COMMENT ON TABLE ${table} IS 'Which files of db/functions stand in this database.';
    COMMENT ON COLUMN ${table}.only_row IS 'C1: there is one row';
    COMMENT ON COLUMN ${table}.sha256 IS 'C1: hash of the files';
    COMMENT ON COLUMN ${table}.apply_time IS 'C1: time';
    ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true)`);
}
