import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseUrls } from '@bankcrm/local';
import { eventually, suiteDatabase } from '@bankcrm/testing';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction, isConnectionFailure, migrate, nobody, openPool, sqlState, type Tx } from '../src/index.ts';

let urls: DatabaseUrls;
const pools: pg.Pool[] = [];
const open = (url: string, maxConnections: number, statementTimeoutMs = 10_000): pg.Pool => {
  const pool = openPool({ url, name: 'test', maxConnections, statementTimeoutMs });
  pools.push(pool);
  return pool;
};
beforeAll(async () => {
  urls = await suiteDatabase('customer');
  const owner = open(urls.owner, 1);
  await owner.query('CREATE TABLE counter (name text PRIMARY KEY, value int NOT NULL); GRANT ALL ON counter TO customer_worker');
  await owner.query(`INSERT INTO counter VALUES ('a', 0), ('b', 0)`);
});
afterAll(() => Promise.all(pools.map((pool) => pool.end())));

const who = async (tx: Tx): Promise<string> =>
  (await tx.query(`SELECT current_setting('bankcrm.staff_id', true) AS id`)).rows[0].id ?? '';

describe('a transaction', () => {
  it('knows its caller, and the next one on the same connection knows nobody, after a commit and after a rollback', async () => {
    const pool = open(urls.worker, 1);
    const caller = { 'bankcrm.staff_id': 's1', 'bankcrm.scope': 'HQ.BJ' };
    const backend = async (tx: Tx) => (await tx.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    const first = await inTransaction(pool, caller, async (tx) => [await who(tx), await backend(tx)]);
    expect(first[0]).toBe('s1');
    expect(await inTransaction(pool, nobody, async (tx) => [await who(tx), await backend(tx)])).toEqual(['', first[1]]);
    await expect(
      inTransaction(pool, caller, async (tx) => {
        expect(await who(tx)).toBe('s1');
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    expect(await inTransaction(pool, nobody, async (tx) => [await who(tx), await backend(tx)])).toEqual(['', first[1]]);
    expect((await pool.query(`SELECT current_setting('bankcrm.staff_id', true) AS id`)).rows[0].id ?? '').toBe('');
  });

  it('that is lost to a deadlock is done again, and both sides’ work is there afterwards', async () => {
    const pool = open(urls.worker, 2);
    await pool.query('UPDATE counter SET value = 0');
    let bothHold = 0;
    let runs = 0;
    const ready = Promise.withResolvers<void>();
    const oneIsThrough = Promise.withResolvers<void>();
    const add = (tx: Tx, name: string) => tx.query('UPDATE counter SET value = value + 1 WHERE name = $1', [name]);
    const both = async (first: string, second: string) => {
      await inTransaction(pool, nobody, async (tx) => {
        runs += 1;
        // Begun at once, the loser could have its first row again before the other has its second: another deadlock.
        if (runs > 2) await oneIsThrough.promise;
        await add(tx, first);
        bothHold += 1;
        if (bothHold === 2) ready.resolve();
        await ready.promise;
        await add(tx, second);
      });
      oneIsThrough.resolve();
    };
    await Promise.all([both('a', 'b'), both('b', 'a')]);
    expect(runs).toBe(3);
    const { rows } = await pool.query('SELECT name, value FROM counter ORDER BY name');
    expect(rows).toEqual([
      { name: 'a', value: 2 },
      { name: 'b', value: 2 },
    ]);
  });

  it('is tried three times at most, and then says why', async () => {
    const pool = open(urls.worker, 1);
    let runs = 0;
    const failing = inTransaction(pool, nobody, async (tx) => {
      runs += 1;
      await tx.query(`DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$`);
    });
    expect(sqlState(await failing.catch((error: unknown) => error))).toBe('40001');
    expect(runs).toBe(3);
  });

  it('is tried once when the data is at fault, and leaves nothing behind', async () => {
    const pool = open(urls.worker, 1);
    let runs = 0;
    const failing = inTransaction(pool, nobody, async (tx) => {
      runs += 1;
      await tx.query(`INSERT INTO counter VALUES ('c', 1)`);
      await tx.query(`INSERT INTO counter VALUES ('a', 1)`);
    });
    expect(sqlState(await failing.catch((error: unknown) => error))).toBe('23505');
    expect(runs).toBe(1);
    expect((await pool.query(`SELECT 1 FROM counter WHERE name = 'c'`)).rowCount).toBe(0);
  });

  it('finds a good connection after its own was cut in the middle', async () => {
    const pool = open(urls.worker, 1);
    const cut = inTransaction(pool, nobody, (tx) => tx.query('SELECT pg_terminate_backend(pg_backend_pid())'));
    expect(isConnectionFailure(await cut.catch((error: unknown) => error))).toBe(true);
    expect((await inTransaction(pool, nobody, (tx) => tx.query('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }]);
  });

  it('whose connection breaks between two statements fails; the process lives', async () => {
    const pool = open(urls.worker, 1);
    const other = open(urls.worker, 1);
    const cut = inTransaction(pool, nobody, async (tx) => {
      const { rows } = await tx.query('SELECT pg_backend_pid() AS pid');
      await other.query('SELECT pg_terminate_backend($1, 5000)', [rows[0].pid]);
      await eventually(() => expect((tx as unknown as { _queryable: boolean })._queryable).toBe(false));
      return tx.query('SELECT 1');
    });
    expect(isConnectionFailure(await cut.catch((error: unknown) => error))).toBe(true);
    expect((await inTransaction(pool, nobody, (tx) => tx.query('SELECT 1 AS one'))).rows).toEqual([{ one: 1 }]);
  });

  it('waits two seconds for a connection, not for ever', async () => {
    const pool = open(urls.worker, 1);
    const held = await pool.connect();
    const began = performance.now();
    await expect(inTransaction(pool, nobody, async () => 1)).rejects.toMatchObject({
      kind: 'UNAVAILABLE',
      reason: 'DATABASE_UNREACHABLE',
    });
    expect(performance.now() - began).toBeLessThan(5_000);
    held.release();
  });

  it('cannot run a statement for longer than the pool allows', async () => {
    const pool = open(urls.worker, 1, 200);
    const slow = inTransaction(pool, nobody, (tx) => tx.query('SELECT pg_sleep(30)'));
    expect(sqlState(await slow.catch((error: unknown) => error))).toBe('57014');
  });
});

/** Stands before PostgreSQL; once frozen it keeps connections and passes nothing on, as a machine that vanished does. */
async function startProxy(url: string) {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  let frozen = false;
  const server = createServer((from) => {
    const to = connect(Number(port), hostname);
    sockets.push(from, to);
    const pass = (source: Socket, sink: Socket) => {
      source.on('data', (bytes) => frozen || sink.write(bytes));
      source.on('error', () => {});
      source.on('close', () => sink.destroy());
    };
    pass(from, to);
    pass(to, from);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxied = new URL(url);
  proxied.port = String((server.address() as AddressInfo).port);
  return {
    url: proxied.href,
    freeze: (on: boolean) => {
      frozen = on;
    },
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('a connection that is dead although nobody closed it', () => {
  it('is given up when the answer is overdue, and another one is opened', { timeout: 30_000 }, async () => {
    const proxy = await startProxy(urls.worker);
    const pool = open(proxy.url, 1, 200);
    await inTransaction(pool, nobody, (tx) => tx.query('SELECT 1'));
    proxy.freeze(true);
    const began = performance.now();
    const failure = await inTransaction(pool, nobody, (tx) => tx.query('SELECT 1')).catch((error: unknown) => error);
    expect(isConnectionFailure(failure)).toBe(true);
    // Once, not again for a rollback.
    expect(performance.now() - began).toBeLessThan(8_000);
    proxy.freeze(false);
    expect((await inTransaction(pool, nobody, (tx) => tx.query('SELECT 2 AS two'))).rows).toEqual([{ two: 2 }]);
    proxy.stop();
  });
});

describe('values read through a pool', () => {
  it('lose no digits of an int8 and shift no date by a zone', async () => {
    const pool = open(urls.worker, 1);
    const { rows } = await pool.query(`SELECT 9007199254740993::int8 AS number, DATE '1990-05-31' AS day, NULL::int8 AS none`);
    expect(rows).toEqual([{ number: 9007199254740993n, day: '1990-05-31', none: null }]);
  });
});

describe('a server of another time zone', () => {
  it('writes times into JSON as UTC: offsets of long ago have seconds, which nobody else reads', async () => {
    const owner = open(urls.owner, 1);
    const { rows } = await owner.query('SELECT current_database() AS name');
    await owner.query(`ALTER DATABASE ${rows[0].name} SET timezone = 'Asia/Shanghai'`);
    const pool = open(urls.worker, 1);
    const said = await pool.query(`SELECT to_json('1900-01-01T00:00:00Z'::timestamptz)::text AS time`);
    await owner.query(`ALTER DATABASE ${rows[0].name} RESET timezone`);
    expect(said.rows[0].time).toBe('"1900-01-01T00:00:00+00:00"');
  });
});

describe('migrations', () => {
  it('run once each, in order, although four replicas start at the same time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bankcrm-migrations-'));
    try {
      writeFileSync(
        join(folder, '0001_first.sql'),
        'CREATE TABLE step (name text); SELECT pg_sleep(0.3); GRANT SELECT ON step TO customer_worker;',
      );
      writeFileSync(join(folder, '0002_second.sql'), `INSERT INTO step VALUES ('second');`);
      const run = () => migrate({ ownerUrl: urls.owner, folder, table: 'test_migrations' });
      await Promise.all([run(), run(), run(), run()]);
      writeFileSync(join(folder, '0003_third.sql'), `INSERT INTO step VALUES ('third');`);
      await run();
      const { rows } = await open(urls.worker, 1).query('SELECT name FROM step');
      expect(rows).toEqual([{ name: 'second' }, { name: 'third' }]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
