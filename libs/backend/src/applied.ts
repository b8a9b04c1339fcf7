import { basename, join } from 'node:path';
import { migrationsTable, type SchemaUsers, type Tx, unappliedMigrations } from '@bankcrm/database';
import pg from 'pg';
import { librarySchemas } from './library-schemas.ts';
import { functionsTable, readFunctions } from './replace-functions.ts';

/** Lets the worker's role see what has been applied: a service that may not migrate looks by it whether all that it needs is there. */
export async function showApplied({ ownerUrl, workerRole }: SchemaUsers, folder: string): Promise<void> {
  const service = basename(folder);
  const worker = pg.escapeIdentifier(workerRole);
  const schemas = [...librarySchemas(folder).map(({ name }) => name), service];
  const tables = schemas.map((schema) => pg.escapeIdentifier(migrationsTable(schema)));
  const functions = functionsTable(service);
  const client = new pg.Client({ connectionString: ownerUrl, statement_timeout: 30_000, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('bankcrm/applied', 0))`);
    await client.query(`GRANT SELECT ON ${tables.join(', ')} TO ${worker}`);
    const { rows } = await client.query<{ there: boolean; shown: boolean }>(
      `SELECT to_regclass($1) IS NOT NULL AS there,
         EXISTS (SELECT FROM pg_policy WHERE polrelid = to_regclass($1) AND polname = 'worker') AS shown`,
      [functions],
    );
    if (rows[0]!.there && !rows[0]!.shown)
      await client.query(`
        GRANT SELECT ON ${functions} TO ${worker};
        CREATE POLICY worker ON ${functions} FOR SELECT TO ${worker} USING (true)`);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

/** Throws an error that names the first thing that is missing, and how to bring it; see {@link firstMissing}. */
export async function requireApplied(tx: Tx, folder: string): Promise<void> {
  const missing = await firstMissing(tx, folder);
  if (missing === undefined) return;
  throw new Error(
    `the database lacks ${missing} of this version; run node libs/backend/src/migrate.ts ${basename(folder)} with DATABASE_URL_OWNER`,
  );
}

/**
 * The first thing in the folder of a service that has not been applied to its database; undefined when all has been. Asked as the worker's role. Functions count that
 * stood there once: those of a newer version serve this one, too.
 */
async function firstMissing(tx: Tx, folder: string): Promise<string | undefined> {
  const service = basename(folder);
  for (const schema of [...librarySchemas(folder), { name: service, folder: join(folder, 'db/migrations') }]) {
    const [missing] = await unappliedMigrations(tx, { folder: schema.folder, table: migrationsTable(schema.name) });
    if (missing !== undefined) return `migration ${schema.name}/${missing}`;
  }
  const functions = readFunctions(join(folder, 'db/functions'));
  if (functions === undefined) return undefined;
  const table = functionsTable(service);
  const { rows: readable } = await tx.query<{ yes: boolean | null }>(
    `SELECT has_table_privilege(to_regclass($1), 'SELECT') AS yes`,
    [table],
  );
  const applied = readable[0]?.yes
    ? await tx.query(`SELECT FROM ${table} WHERE $1 = sha256 OR $1 = ANY (earlier)`, [functions.sha256])
    : { rowCount: 0 };
  return applied.rowCount === 0 ? 'functions' : undefined;
}
