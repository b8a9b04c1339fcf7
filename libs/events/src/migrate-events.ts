import { fileURLToPath } from 'node:url';
import { migrate } from '@bankcrm/database';
import pg from 'pg';

export interface MigrateEventsOptions {
  /** Connects as the schema's owner. */
  ownerUrl: string;
  /** Serves requests: appends to the outbox; sees dead letters only while a member of staff is asking. */
  requestRole: string;
  /** Consumes and relays. */
  workerRole: string;
}

/** Creates or updates the schema `events` and lets the service's two roles use it. Safe to run at every start, by several at once. */
export async function migrateEvents({ ownerUrl, requestRole, workerRole }: MigrateEventsOptions): Promise<void> {
  const folder = fileURLToPath(new URL('../db/migrations', import.meta.url));
  await migrate({ ownerUrl, folder, table: 'events_migrations' });

  const request = pg.escapeIdentifier(requestRole);
  const worker = pg.escapeIdentifier(workerRole);
  const client = new pg.Client({ connectionString: ownerUrl, statement_timeout: 30_000, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('bankcrm/events/grants', 0))`);
    await client.query(`
      GRANT USAGE ON SCHEMA events TO ${request}, ${worker};
      GRANT SELECT ON events.kafka_offset TO ${request};
      GRANT SELECT, INSERT, UPDATE ON events.kafka_offset TO ${worker};
      GRANT INSERT ON events.outbox TO ${request};
      GRANT SELECT, INSERT, UPDATE, DELETE ON events.outbox TO ${worker};
      GRANT SELECT, UPDATE ON events.entry_counter TO ${worker};
      GRANT SELECT, UPDATE (state, correction_version, update_time, version) ON events.dead_letter TO ${request};
      GRANT SELECT, INSERT, UPDATE ON events.dead_letter TO ${worker};
      GRANT SELECT, INSERT ON events.dead_letter_correction TO ${request};
      GRANT SELECT ON events.dead_letter_correction TO ${worker};`);
    for (const table of ['dead_letter', 'dead_letter_correction']) {
      await policy(client, table, 'worker_all', `TO ${worker} USING (true) WITH CHECK (true)`);
      await policy(
        client,
        table,
        'staff_only',
        `TO ${request} USING (coalesce(current_setting('bankcrm.staff_id', true), '') <> '')`,
      );
    }
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

/** Creating a policy locks the table against everybody, so it is not done again at each start of each replica. */
async function policy(client: pg.Client, table: string, name: string, definition: string): Promise<void> {
  const found = await client.query(
    `SELECT 1 FROM pg_policies WHERE schemaname = 'events' AND tablename = $1 AND policyname = $2`,
    [table, name],
  );
  if (found.rowCount === 0) await client.query(`CREATE POLICY ${name} ON events.${table} FOR ALL ${definition}`);
}
