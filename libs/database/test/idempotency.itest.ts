import { eventually, suiteDatabase } from '@bankcrm/testing';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  idempotent,
  inTransaction,
  migrateRequests,
  openPool,
  type RequestKey,
  type Sealer,
  sweepRequests,
} from '../src/index.ts';

/** Ties the bytes to their place without keys: enough to see that both are used. */
const sealer: Sealer = {
  seal: (plain, place) => Buffer.concat([Buffer.from(JSON.stringify(place)), Buffer.from(plain).map((byte) => byte ^ 0xff)]),
  open(sealed, place) {
    const prefix = Buffer.from(JSON.stringify(place));
    if (!Buffer.from(sealed).subarray(0, prefix.length).equals(prefix)) throw new Error('moved');
    return Buffer.from(sealed.subarray(prefix.length)).map((byte) => byte ^ 0xff) as Buffer;
  },
};

describe('a command with a request id', () => {
  let pool: pg.Pool;
  let done: string[];
  beforeAll(async () => {
    const urls = await suiteDatabase('directory');
    await migrateRequests({ ownerUrl: urls.owner, requestRole: 'directory_request', workerRole: 'directory_worker' });
    pool = openPool({ url: urls.worker, name: 'test', maxConnections: 6, statementTimeoutMs: 5_000 });
  });
  afterAll(() => pool?.end());

  const key = (over: Partial<RequestKey> = {}): RequestKey => ({
    caller: 'staff/1',
    method: 'Customers/Create',
    requestId: 'r1',
    body: Buffer.from('body'),
    ...over,
  });
  const send = (request: RequestKey, work: () => Promise<Uint8Array> = async () => Buffer.from(`reply ${done.push('x')}`)) =>
    inTransaction(pool, {}, (tx) => idempotent(tx, request, sealer, work)).then(({ reply, repeated }) => [
      reply.toString(),
      repeated,
    ]);

  it('is done once, however often it comes and how many come at once', async () => {
    done = [];
    const replies = await Promise.all(Array.from({ length: 5 }, () => send(key())));
    replies.push(await send(key()));
    expect(done).toHaveLength(1);
    expect(replies.map(([reply]) => reply)).toEqual(Array(6).fill('reply 1'));
    expect(replies.filter(([, repeated]) => !repeated)).toHaveLength(1);
  });

  it('is another one for another caller, method or request id, and each time without one', async () => {
    done = [];
    for (const other of [
      { caller: 'staff/2' },
      { method: 'Customers/Update' },
      { requestId: 'r2' },
      { requestId: '' },
      { requestId: '' },
    ])
      expect((await send(key(other)))[1]).toBe(false);
    expect(done).toHaveLength(5);
  });

  it('is refused when the same id comes with another body', async () => {
    done = [];
    await expect(send(key({ body: Buffer.from('other') }))).rejects.toMatchObject({
      kind: 'REFUSED',
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect(done).toEqual([]);
  });

  it('is done by the second when the first fails', async () => {
    done = [];
    let fail = (_error: Error): void => {};
    const first = new Promise<void>((atWork) => {
      send(
        key({ requestId: 'r3' }),
        () =>
          new Promise((_resolve, reject) => {
            fail = reject;
            atWork();
          }),
      ).catch(() => {});
    });
    await first;
    const second = send(key({ requestId: 'r3' }));
    await eventually(async () => {
      const { rows } = await pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO requests%'`,
      );
      expect(rows).toHaveLength(1);
    });
    fail(new Error('first failed'));
    expect(await second).toEqual(['reply 1', false]);
  });

  it('leaves neither request nor reply behind in the clear', async () => {
    await send(key({ requestId: 'r4', body: Buffer.from('13800138000') }), async () => Buffer.from('13900139000'));
    const { rows } = await pool.query<{ row: string }>('SELECT r::text AS row FROM requests.request r');
    const stored = rows.map(({ row }) => row).join();
    for (const secret of ['13800138000', '13900139000', Buffer.from('13900139000').toString('hex')])
      expect(stored).not.toContain(secret);
  });

  it('gives no reply that was moved from another request', async () => {
    await send(key({ requestId: 'r5' }), async () => Buffer.from('mine'));
    await send(key({ requestId: 'r6' }), async () => Buffer.from('theirs'));
    await pool.query(
      `UPDATE requests.request SET sealed_reply = (SELECT sealed_reply FROM requests.request WHERE request_id = 'r6') WHERE request_id = 'r5'`,
    );
    await expect(send(key({ requestId: 'r5' }))).rejects.toThrow('moved');
  });

  it('is forgotten after 24 hours and not before', async () => {
    await pool.query(`DELETE FROM requests.request`);
    await send(key({ requestId: 'old' }), async () => Buffer.from(''));
    await send(key({ requestId: 'new' }), async () => Buffer.from(''));
    await pool.query(`UPDATE requests.request SET create_time = '2026-03-01T08:00:00Z' WHERE request_id = 'old'`);
    await pool.query(`UPDATE requests.request SET create_time = '2026-03-01T08:00:01Z' WHERE request_id = 'new'`);
    expect(await inTransaction(pool, {}, (tx) => sweepRequests(tx, new Date('2026-03-02T08:00:00.500Z')))).toBe(1);
    const { rows } = await pool.query('SELECT request_id FROM requests.request');
    expect(rows).toEqual([{ request_id: 'new' }]);
  });

  it.each(['x'.repeat(129), 'with blank', 'ünï'])('is refused for an id like %s', async (requestId) => {
    await expect(send(key({ requestId }))).rejects.toMatchObject({ kind: 'INVALID', reason: 'INVALID_REQUEST_ID' });
  });
});
