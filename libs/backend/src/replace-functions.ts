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

/** Where it stands which files have been applied. */
export const functionsTable = (schema: string): string => `${pg.escapeIdentifier(schema)}.functions_applied`;

/** The files of a folder in the order of their names, and the hash of all; undefined where there is no such folder. */
export function readFunctions(folder: string): { files: { name: string; text: string }[]; sha256: string } | undefined {
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  return { files, sha256: createHash('sha256').update(JSON.stringify(files)).digest('hex') };
}

/**
 * Applies all files of a folder in the order of their names, in one transaction, when any differs from what was applied last; gives whether it did. Several
 * starters wait for one another, and for a migration under way. Throws with the name of a file that PostgreSQL refuses; then nothing has changed.
 */
export async function replaceFunctions({ ownerUrl, schema, folder }: Functions): Promise<boolean> {
  const functions = readFunctions(folder);
  if (!functions) return false;
  const { files, sha256 } = functions;
  const table = functionsTable(schema);

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
    if (rows[0]?.sha256 === sha256) {
      await client.query('COMMIT');
      return false;
    }
    for (const { name, text } of files) {
      await client.query(text).catch((cause: unknown) => {
        throw new Error(`${join(folder, name)} cannot be applied`, { cause });
      });
    }
    await client.query(
      `INSERT INTO ${table} (sha256, apply_time) VALUES ($1, now())
       ON CONFLICT (only_row) DO UPDATE SET sha256 = excluded.sha256, apply_time = excluded.apply_time,
         earlier = array_append(array_remove(functions_applied.earlier, functions_applied.sha256), functions_applied.sha256)`,
      [sha256],
    );
    await client.query('COMMIT');
    return true;
  } finally {
    // What was not committed is rolled back.
    await client.end();
  }
}

async function createTable(client: pg.Client, table: string): Promise<void> {
  const { rows } = await client.query<{ known: boolean; complete: boolean }>(
    `SELECT to_regclass($1) IS NOT NULL AS known,
       EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'earlier') AS complete`,
    [table],
  );
  const { known, complete } = rows[0]!;
  if (!known) await client.query(tableSql(table));
  if (!complete)
    await client.query(`
      ALTER TABLE ${table} ADD COLUMN earlier text[] NOT NULL DEFAULT '{}';
      COMMENT ON COLUMN ${table}.earlier IS 'C1: hashes of the files that stood here before, the latest one last'`);
}

const tableSql = (table: string): string => `
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
    CREATE POLICY owner ON ${table} TO CURRENT_USER USING (true)`;
