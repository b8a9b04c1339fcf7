import { readdirSync } from 'node:fs';
import pg from 'pg';
import type { Tx } from './transaction.ts';

/**
 * Names of the migrations of a folder that have not run, in their order, by the table that remembers which have. Those that only a newer version knows are no matter
 * here. The role that asks must be allowed to read the table; where it is not there, or not to be read, none has run.
 */
export async function unappliedMigrations(tx: Tx, { folder, table }: { folder: string; table: string }): Promise<string[]> {
  const { rows: readable } = await tx.query<{ yes: boolean | null }>(
    `SELECT has_table_privilege(to_regclass($1), 'SELECT') AS yes`,
    [table],
  );
  const { rows } = readable[0]?.yes
    ? await tx.query<{ name: string }>(`SELECT name FROM ${pg.escapeIdentifier(table)}`)
    : { rows: [] };
  const applied = new Set(rows.map(({ name }) => name));
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort()
    .filter((name) => !applied.has(name));
}
