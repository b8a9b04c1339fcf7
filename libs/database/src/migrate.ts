import { runner } from 'node-pg-migrate';

export interface MigrateOptions {
  /** Connects as the schema's owner. */
  ownerUrl: string;
  /** Folder of `0001_name.sql` files, applied in order, each in its own transaction. */
  folder: string;
  /** Table that remembers which ones have run: one per folder. */
  table: string;
}

/** Of one statement: building an index may take minutes, and so may waiting for the replica that migrates. */
const statementTimeoutMs = 600_000;

/** Applies the migrations that have not run yet; several starters wait for one another on an advisory lock. */
export async function migrate({ ownerUrl, folder, table }: MigrateOptions): Promise<void> {
  await runner({
    databaseUrl: {
      connectionString: ownerUrl,
      connectionTimeoutMillis: 5_000,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + 5_000,
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
}
