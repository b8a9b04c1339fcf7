import { type CallerSettings, inTransaction, nobody, openPool } from '@bankcrm/database';
import { suiteDatabase } from '@bankcrm/testing';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  correctDeadLetter,
  discardDeadLetters,
  insertDeadLetters,
  listDeadLetters,
  migrateEvents,
  rejected,
  replayDeadLetters,
  sweepDeadLetters,
} from '../src/index.ts';
import { testSealer } from './support/booking.ts';

const staff: CallerSettings = { 'bankcrm.staff_id': '0190a000-0000-7000-8000-000000000001' };
const sealer = testSealer();
const now = new Date('2027-03-01T08:00:00Z');
/** 400 days earlier. */
const limit = new Date('2026-01-25T08:00:00Z');
const before = new Date(limit.getTime() - 1);

describe('a dead letter that was decided', () => {
  let request: pg.Pool;
  let worker: pg.Pool;
  beforeAll(async () => {
    const urls = await suiteDatabase('customer');
    await migrateEvents({ ownerUrl: urls.owner, requestRole: 'customer_request', workerRole: 'customer_worker' });
    request = openPool({ url: urls.request, name: 'test', maxConnections: 2, statementTimeoutMs: 10_000 });
    worker = openPool({ url: urls.worker, name: 'test', maxConnections: 2, statementTimeoutMs: 10_000 });
  });
  afterAll(() => Promise.all([request?.end(), worker?.end()]));
  beforeEach(() => worker.query(`DELETE FROM events.dead_letter WHERE state <> 'WAITING'`));

  let offset = 0n;
  const content = { key: null, value: Buffer.from('x'), headers: {} };
  const receive = (reason: string, count = 1) =>
    inTransaction(worker, nobody, (tx) =>
      insertDeadLetters(
        tx,
        { sealer, group: 'g', now: new Date('2025-01-01T00:00:00Z') },
        Array.from({ length: count }, () =>
          rejected({ ...content, topic: 't', partition: 0, offset: offset++, time: now }, reason),
        ),
      ),
    );
  const discard = (reason: string, time: Date) => inTransaction(request, staff, (tx) => discardDeadLetters(tx, { reason }, time));
  const replay = (reason: string, time: Date) =>
    replayDeadLetters(
      {
        workers: worker,
        sealer,
        clock: { now: () => time },
        decode: (raw) => ({ ok: true, raw, value: undefined }),
        apply: async () => [],
      },
      { selection: { reason }, timeLimitMs: 10_000 },
    );
  const correct = (reason: string) =>
    inTransaction(request, staff, async (tx) => {
      const [letter] = await listDeadLetters(tx, { filter: { reason }, limit: 1 });
      await correctDeadLetter(tx, sealer, { id: letter!.id, version: letter!.version, content, now: before });
    });
  const sweep = () => inTransaction(worker, nobody, (tx) => sweepDeadLetters(tx, now));
  const kept = async () =>
    (await worker.query('SELECT DISTINCT reason FROM events.dead_letter ORDER BY reason')).rows.map(({ reason }) => reason);
  const corrections = async () =>
    (
      await worker.query(
        `SELECT reason FROM events.dead_letter_correction JOIN events.dead_letter ON id = dead_letter_id ORDER BY reason, 1`,
      )
    ).rows.map(({ reason }) => reason);
  const correctionCount = async () =>
    (await worker.query('SELECT count(*)::int AS n FROM events.dead_letter_correction')).rows[0].n;

  it('is deleted 400 days later with its corrections, and one that waits never', async () => {
    for (const reason of ['OLD_DISCARDED', 'OLD_REPLAYED', 'NEW_DISCARDED', 'NEW_REPLAYED', 'WAITS']) await receive(reason);
    for (const reason of ['OLD_REPLAYED', 'OLD_REPLAYED', 'NEW_REPLAYED', 'WAITS']) await correct(reason);
    await discard('OLD_DISCARDED', before);
    await replay('OLD_REPLAYED', before);
    await discard('NEW_DISCARDED', limit);
    await replay('NEW_REPLAYED', limit);
    expect(await correctionCount()).toBe(4);

    expect(await sweep()).toBe(2);
    expect(await kept()).toEqual(['NEW_DISCARDED', 'NEW_REPLAYED', 'WAITS']);
    expect(await corrections()).toEqual(['NEW_REPLAYED', 'WAITS']);
    expect(await correctionCount()).toBe(2);
    expect(await sweep()).toBe(0);
  });

  it('is deleted among at most a thousand at once', async () => {
    await receive('MANY', 1_500);
    for (let discarded = 0; discarded < 1_500; ) discarded += await discard('MANY', before);
    expect([await sweep(), await sweep(), await sweep()]).toEqual([1_000, 500, 0]);
  });

  it('is deleted by the worker alone; one that waits, and a correction without its letter, by nobody', async () => {
    await receive('STAYS');
    await correct('STAYS');
    const [{ n: waiting }] = (await worker.query(`SELECT count(*)::int AS n FROM events.dead_letter WHERE state = 'WAITING'`))
      .rows;
    await worker.query('DELETE FROM events.dead_letter');
    expect((await worker.query('SELECT FROM events.dead_letter')).rowCount).toBe(waiting);
    await expect(inTransaction(request, staff, (tx) => tx.query('DELETE FROM events.dead_letter'))).rejects.toMatchObject({
      code: '42501',
    });
    await expect(worker.query('DELETE FROM events.dead_letter_correction')).rejects.toMatchObject({ code: '42501' });
  });
});
