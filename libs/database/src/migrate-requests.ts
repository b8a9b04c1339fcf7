import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from './migrate.ts';

export interface MigrateRequestsOptions {
  /** Connects as the schema's owner. */
  ownerUrl: string;
  /** Serves requests: sees the replies of the member of staff who is asking and of nobody else. */
  requestRole: string;
  /** Sweeps old replies, and serves commands of systems. */
  workerRole: string;
}

/** Creates or updates the schema `requests` and lets the service's two roles use it. Safe to run at every start, by several at once. */
export async function migrateRequests({ ownerUrl, requestRole, workerRole }: MigrateRequestsOptions): Promise<void> {
  const folder = fileURLToPath(new URL('../db/migrations', import.meta.url));
  await migrate({ ownerUrl, folder, table: 'requests_migrations' });

  const request = pg.escapeIdentifier(requestRole);
  const worker = pg.escapeIdentifier(workerRole);
  const client = new pg.Client({ connectionString: ownerUrl, statement_timeout: 30_000, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('bankcrm/requests/grants', 0))`);
    await client.query(`
      GRANT USAGE ON SCHEMA requests TO ${request}, ${worker};
      GRANT SELECT, INSERT, UPDATE ON requests.request TO ${request};
      GRANT SELECT, INSERT, UPDATE, DELETE ON requests.request TO ${worker};`);
    await policy(client, 'worker_all', `TO ${worker} USING (true)`);
    // Concatenation with a null is null: a connection that set no caller, or an empty one, sees nothing.
    await policy(
      client,
      'own_requests',
      `TO ${request} USING (caller = (SELECT 'staff/' || nullif(current_setting('bankcrm.staff_id', true), '')))`,
    );
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

/** Creating a policy locks the table against everybody, so it is not done again at each start of each replica. */
async function policy(client: pg.Client, name: string, definition: string): Promise<void> {
  const found = await client.query(
    `SELECT FROM pg_policies WHERE schemaname = 'requests' AND tablename = 'request' AND policyname = $1`,
    [name],
  );
  if (found.rowCount === 0) await client.query(`CREATE POLICY ${name} ON requests.request FOR ALL ${definition}`);
}
