import { once } from 'node:events';
import { inTransaction, nobody } from '@bankcrm/database';
import { eventually, suiteDatabase } from '@bankcrm/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KnownKeys } from '../src/app/sync/known-keys.ts';

const cut = `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'known-keys' AND datname = current_database()`;

describe('what PostgreSQL is known to hold', () => {
  let urls: Awaited<ReturnType<typeof suiteDatabase>>;
  let other: pg.Client;
  let pool: pg.Pool;
  let known: KnownKeys;
  beforeAll(async () => {
    urls = await suiteDatabase('customer');
    other = new pg.Client({ connectionString: urls.worker });
    await other.connect();
  });
  afterAll(() => other?.end());
  beforeEach(() => {
    known = new KnownKeys();
    known.add(['party']);
  });
  const open = (idleTimeoutMillis: number): void => {
    pool = new pg.Pool({ connectionString: urls.worker, application_name: 'known-keys', idleTimeoutMillis });
    pool.on('error', () => {});
    known.forgetWhenBroken(pool);
  };

  it('is remembered when the pool closes a connection that nobody used', async () => {
    open(1);
    const closed = once(pool, 'remove');
    await pool.query('SELECT');
    await closed;
    expect(known.has('party')).toBe(true);
    await pool.end();
  });

  it('is forgotten when a connection breaks while nobody uses it', async () => {
    open(30_000);
    await pool.query('SELECT');
    await other.query(cut);
    await eventually(() => expect(known.has('party')).toBe(false));
    await pool.end();
  });

  it('is forgotten when a connection breaks in the middle of a transaction', async () => {
    open(30_000);
    const broken = inTransaction(pool, nobody, async (tx) => {
      await other.query(cut);
      await tx.query('SELECT');
    });
    await expect(broken).rejects.toThrow();
    expect(known.has('party')).toBe(false);
    await pool.end();
  });
});
