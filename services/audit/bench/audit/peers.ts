import { sha256 } from '@bankcrm/kernel';
import type pg from 'pg';
import { postgresMs } from './service-run.ts';

export interface Copied {
  rowsPerSecond: number;
  /** Of all of PostgreSQL, a row. */
  processorMicros: number;
}

/**
 * Rows per second at which PostgreSQL takes the rows of the log by COPY: on the server itself, from a binary file, over one connection and in one transaction, into a
 * table with the same columns, with the same indexes or none. Nothing is parsed, checked, hashed or deduplicated.
 */
export async function copyEntries(client: pg.Client, indexes: 'no indexes' | 'the same indexes'): Promise<Copied> {
  const { rows: found } = await client.query<{ directory: string }>(`SELECT current_setting('data_directory') AS directory`);
  const file = `${found[0]!.directory}/bench-entry.copy`;
  await client.query('DROP SCHEMA IF EXISTS bench CASCADE');
  await client.query('CREATE SCHEMA bench');
  const { rowCount } = await client.query(`COPY audit.entry TO '${file}' (FORMAT binary)`);
  await client.query(`CREATE TABLE bench.entry (LIKE audit.entry ${indexes === 'no indexes' ? '' : 'INCLUDING ALL'})`);
  await client.query('CHECKPOINT');
  const before = await postgresMs(client);
  const start = performance.now();
  await client.query(`COPY bench.entry FROM '${file}' (FORMAT binary)`);
  const seconds = (performance.now() - start) / 1000;
  const processorMicros = (((await postgresMs(client)) - before) * 1000) / rowCount!;
  await client.query('DROP SCHEMA bench CASCADE');
  return { rowsPerSecond: rowCount! / seconds, processorMicros };
}

const readAtOnce = 10_000;

/** Entries per second of hashing their bytes one by one: as they are read from PostgreSQL over one connection, and when they are in memory already. */
export async function hashStored(client: pg.Client): Promise<{ stored: number; inMemory: number }> {
  let count = 0;
  let hashMs = 0;
  const start = performance.now();
  await client.query('BEGIN');
  await client.query('DECLARE entries NO SCROLL CURSOR FOR SELECT received FROM audit.entry');
  for (;;) {
    const { rows } = await client.query<{ received: Buffer }>({ text: `FETCH ${readAtOnce} FROM entries` });
    if (rows.length === 0) break;
    const before = performance.now();
    for (const { received } of rows) sha256(received);
    hashMs += performance.now() - before;
    count += rows.length;
  }
  await client.query('COMMIT');
  return { stored: (count / (performance.now() - start)) * 1000, inMemory: (count / hashMs) * 1000 };
}
