import { PG_MIGRATE_LOCK_ID, runner } from 'node-pg-migrate';

export interface MigrateOptions {
  /** Connects as the schema's owner. */
  ownerUrl: string;
  /** Folder of `0001_name.sql` files, applied in order, each in its own transaction. */
  folder: string;
  /** Table that remembers which ones have run: one per folder. */
  table: string;
}

/** Key of the advisory lock that a migration holds. */
export const migrationLock = PG_MIGRATE_LOCK_ID;

/** Of one statement: building an index may take minutes, and so may waiting for the replica that migrates. */
export const migrationTimeoutMs = 600_000;

/** Applies the migrations that have not run yet, and gives their names; several starters wait for one another on an advisory lock. */
export async function migrate({ ownerUrl, folder, table }: MigrateOptions): Promise<string[]> {
  const applied = await runner({
    databaseUrl: {
      connectionString: ownerUrl,
      connectionTimeoutMillis: 5_000,
      statement_timeout: migrationTimeoutMs,
      query_timeout: migrationTimeoutMs + 5_000,
      keepAlive: true,
    },
    dir: folder,
    migrationsTable: table,
    direction: 'up',
    checkOrder: true,
    singleTransaction: false,
    // Replicas that start together wait for the one that migrates.
    advisoryLockMode: 'wait',
    log: () => {},
  });
  return applied.map(({ name }) => name);
}
