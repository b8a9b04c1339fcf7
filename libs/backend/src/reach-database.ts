import pg from 'pg';

/** Connects once by the URL of a setting and lets some work be done. Throws an error that names the setting when that database cannot be used. */
export async function reachDatabase(setting: string, url: string, work?: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, statement_timeout: 30_000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw new Error(`${setting} leads to no database that can be used`, { cause });
  }
  try {
    await work?.(client);
  } finally {
    await client.end();
  }
}
