import { unavailable } from '@bankcrm/kernel';
import type pg from 'pg';
import { isConnectionFailure } from './connection-failure.ts';

/** What a use case needs of an open transaction. */
export type Tx = Pick<pg.PoolClient, 'query'>;

/**
 * Settings that tell row-level security who is asking, e.g. `{'bankcrm.staff_id': '…'}`. They end with the transaction;
 * an absent or empty one means nobody.
 */
export type CallerSettings = Readonly<Record<string, string>>;

/** No caller: row-level security shows nothing that depends on one. For consumers, whose own role has its own policies. */
export const nobody: CallerSettings = {};

/** Tells an open transaction, in one round trip, who is asking. */
export async function setCaller(tx: Tx, caller: CallerSettings): Promise<void> {
  const settings = Object.entries(caller);
  if (settings.length === 0) return;
  await tx.query({
    name: 'set-caller',
    text: 'SELECT set_config(key, value, true) FROM unnest($1::text[], $2::text[]) AS setting(key, value)',
    values: [settings.map(([key]) => key), settings.map(([, value]) => value)],
  });
}

/** Serialization failure and deadlock: the same work again may well succeed. */
const transient = new Set(['40001', '40P01']);
const attempts = 3;

/**
 * Runs work in one transaction that knows its caller. Commits what it returns, rolls back what it throws.
 * Work lost to a deadlock or a serialization failure is done again, at most three times in all.
 * Throws UNAVAILABLE `DATABASE_UNREACHABLE` when no connection can be had in time.
 */
export async function inTransaction<T>(pool: pg.Pool, caller: CallerSettings, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(pool, caller, work);
    } catch (error) {
      if (attempt === attempts || !transient.has(sqlState(error) ?? '')) throw error;
    }
  }
}

async function once<T>(pool: pg.Pool, caller: CallerSettings, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw unavailable('DATABASE_UNREACHABLE', error);
  });
  let broken: Error | undefined;
  // The pool listens only while a connection is idle. One that breaks between two of our statements must not end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    await setCaller(client, caller);
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that fails, now or at the rollback, is of no use to anybody else; PostgreSQL rolls back what it leaves behind.
    if (isConnectionFailure(error)) broken = error as Error;
    else
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure;
      });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** The five-character SQLSTATE of a PostgreSQL error, e.g. `23505`; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  // Each has a digit; EPIPE has none.
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
