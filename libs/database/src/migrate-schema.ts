import pg from 'pg';
import { migrate } from './migrate.ts';

export interface SchemaUsers {
  /** Connects as the schema's owner. */
  ownerUrl: string;
  /** Serves requests. */
  requestRole: string;
  /** Consumes, relays and sweeps. */
  workerRole: string;
}

/** A schema that each service has in a database of its own. */
export interface Schema {
  name: string;
  /** As of {@link migrate}. */
  folder: string;
  /** What its two roles may do: GRANT statements, and row-level policies. The names given are quoted. */
  uses(request: string, worker: string): { grants: string; policies: readonly Policy[] };
}

interface Policy {
  table: string;
  name: string;
  /** Of all commands by default. */
  command?: 'INSERT' | 'SELECT';
  /** What follows FOR and the command. */
  definition: string;
}

/** Where it stands which migrations of a schema have run. */
export const migrationsTable = (schema: string): string => `${schema}_migrations`;

/**
 * Creates or updates a schema and lets the service's two roles use it. Gives the names of the migrations that it applied. Safe to run at every start, by several
 * at once.
 */
export async function migrateSchema({ ownerUrl, requestRole, workerRole }: SchemaUsers, schema: Schema): Promise<string[]> {
  const { name, folder } = schema;
  const applied = await migrate({ ownerUrl, folder, table: migrationsTable(name) });

  const { grants, policies } = schema.uses(pg.escapeIdentifier(requestRole), pg.escapeIdentifier(workerRole));
  const client = new pg.Client({ connectionString: ownerUrl, statement_timeout: 30_000, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`bankcrm/${name}/grants`]);
    await client.query(grants);
    for (const policy of policies) await createPolicy(client, name, policy);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
  return applied;
}

/** Creating a policy locks the table against everybody, so it is not done again at each start of each replica. */
async function createPolicy(client: pg.Client, schema: string, { table, name, command, definition }: Policy): Promise<void> {
  const found = await client.query('SELECT FROM pg_policies WHERE schemaname = $1 AND tablename = $2 AND policyname = $3', [
    schema,
    table,
    name,
  ]);
  if (found.rowCount === 0)
    await client.query(`CREATE POLICY ${name} ON ${schema}.${table} FOR ${command ?? 'ALL'} ${definition}`);
}
