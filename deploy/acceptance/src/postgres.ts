import { inDatabase, type ServiceName, type Stack } from '@bankcrm/local';
import pg from 'pg';

export type Query = (text: string, values?: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>;

/** Reads a service's database as the superuser, past row-level security, in a transaction that cannot write. */
export async function database<T>(stack: Stack, service: ServiceName, work: (query: Query) => Promise<T>): Promise<T> {
  const connection = new pg.Client({
    connectionString: inDatabase(stack.postgres.superuserUrl, `bankcrm_${service}`),
    connectionTimeoutMillis: 5_000,
    query_timeout: 60_000,
    options: '-c default_transaction_read_only=on',
  });
  await connection.connect();
  try {
    return await work((text, values) => connection.query(text, values));
  } finally {
    await connection.end();
  }
}
