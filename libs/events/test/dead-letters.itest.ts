import { inTransaction, nobody, type Sealer } from '@bankcrm/database';
import { systemClock } from '@bankcrm/kernel';
import { testStack } from '@bankcrm/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Apply,
  correctDeadLetter,
  discardDeadLetters,
  listDeadLetters,
  readDeadLetter,
  replayDeadLetters,
  summariseDeadLetters,
} from '../src/index.ts';
import { type Bench, eventually, openBench } from './support/bench.ts';
import {
  applyBookings,
  type Booking,
  booking,
  decodeBooking,
  headersOf,
  type TestMessage,
  testSealer,
} from './support/booking.ts';

const canary = '13812345678';
const staff = { 'bankcrm.staff_id': '0190a000-0000-7000-8000-000000000001' };

describe('a message that cannot be applied', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(testStack(), { partitions: 1, config: { 'max.message.bytes': '2097152' } });
  });
  afterEach(() => bench.close());

  const waiting = async () =>
    (
      await inTransaction(bench.request, staff, (tx) => listDeadLetters(tx, { filter: { state: 'WAITING' }, limit: 200 }))
    ).toReversed();
  const deps = (apply: Apply<Booking> = applyBookings, decode = decodeBooking) => ({
    workers: bench.worker,
    sealer: testSealer(),
    clock: systemClock,
    decode,
    apply,
  });

  const poison: Record<string, TestMessage> = {
    BAD_JSON: { key: 'a', value: `{"phone": "${canary}"`, headers: headersOf('p1') },
    INVALID_FIELD: { key: 'a', value: JSON.stringify({ id: 1, phone: canary }), headers: headersOf('p2') },
    MISSING_KEY: { ...booking('p3', 'a', 1), key: null },
    MISSING_HEADER: { ...booking('p4', 'a', 1), headers: {} },
    TOO_LARGE: { key: 'a', value: Buffer.alloc(1_048_577, 'x'), headers: headersOf('p5') },
    ACCOUNT_CLOSED: booking('p6', 'closed', 1),
  };

  it('is stored sealed with its reason, and the stream goes on', async () => {
    for (const [index, message] of Object.values(poison).entries())
      await bench.send([booking(`before-${index}`, 'a', 1), message]);
    await bench.send([booking('last', 'a', 1)]);
    const consumer = bench.consume();
    await eventually(async () => expect(await bench.nextOffsets()).toEqual([13n]));
    expect(await bench.balances()).toEqual({ a: 7 });
    const letters = await waiting();
    expect(letters.map(({ reason, field, sourceSystem }) => [reason, field, sourceSystem])).toEqual([
      ['BAD_JSON', '', 'core'],
      ['INVALID_FIELD', 'id', 'core'],
      ['MISSING_KEY', '', 'core'],
      ['MISSING_HEADER', 'ce_id', ''],
      ['TOO_LARGE', '', 'core'],
      ['ACCOUNT_CLOSED', 'account', 'core'],
    ]);
    expect(letters.map(({ offset }) => offset)).toEqual([1n, 3n, 5n, 7n, 9n, 11n]);
    expect((await consumer.lag())[0]!.appliedMessages).toBe(7n);
    const { rows } = await bench.worker.query('SELECT letter::text AS text, sealed_message FROM events.dead_letter AS letter');
    for (const row of rows) {
      expect(row.text).not.toContain(Buffer.from(canary).toString('hex'));
      expect(row.sealed_message.includes(canary)).toBe(false);
    }
    const bad = await inTransaction(bench.request, staff, (tx) => readDeadLetter(tx, testSealer(), letters[0]!.id));
    expect(bad.received).toMatchObject({ key: Buffer.from('a'), value: Buffer.from(poison.BAD_JSON!.value!), offset: 1n });
    expect(bad.received.headers.ce_id!.toString()).toBe('p1');
  });

  it('is found among hundreds when only the database refuses it: all others are applied', async () => {
    const messages = Array.from({ length: 300 }, (_, index) => booking(`b${index}`, 'a', 1));
    messages[17] = booking('evil-1', 'a', 666);
    messages[170] = booking('evil-2', 'nul\u0000byte', 1);
    messages[299] = booking('evil-3', 'a', 666);
    await bench.send(messages);
    bench.consume();
    await eventually(async () => expect(await bench.nextOffsets()).toEqual([300n]));
    expect(await bench.balances()).toEqual({ a: 297 });
    const found = (await waiting()).map(({ offset, reason, field }) => [Number(offset), reason, field] as const);
    expect(found.toSorted((a, b) => a[0] - b[0])).toEqual([
      [17, 'REJECTED_BY_DATABASE', '23514'],
      [170, 'REJECTED_BY_DATABASE', '22021'],
      [299, 'REJECTED_BY_DATABASE', '23514'],
    ]);
  });

  it('is stored when the decoder itself breaks on it, or its headers are hostile', async () => {
    const hostile = {
      ...booking('h1', 'a', 1),
      headers: { ...headersOf('h1'), ce_source: `/x/${'é\u0000'.repeat(20)}`, 'content-type': '' },
    };
    await bench.send([booking('explode', 'a', 1), hostile, booking('b1', 'a', 1)]);
    bench.consume({
      decode: (raw) => {
        if (raw.headers.ce_id?.toString() === 'explode') throw new SyntaxError(canary);
        return decodeBooking(raw);
      },
    });
    await eventually(async () => expect(await bench.nextOffsets()).toEqual([3n]));
    expect((await waiting()).map(({ reason, field, sourceSystem }) => [reason, field, sourceSystem])).toEqual([
      ['DECODE_FAILED', '', 'core'],
      ['MISSING_HEADER', 'content-type', ''],
    ]);
    expect(await bench.balances()).toEqual({ a: 1 });
  });

  it('is stored together with the rows of its chunk or not at all', async () => {
    await bench.send([booking('b1', 'a', 1), poison.BAD_JSON!, booking('b2', 'a', 1)]);
    let failures = 2;
    const sealer = testSealer();
    const seal: Sealer['seal'] = (plain, place) => {
      failures -= 1;
      if (failures >= 0) throw new Error('the key service is away');
      return sealer.seal(plain, place);
    };
    bench.consume({ sealer: { ...sealer, seal } });
    await eventually(async () => expect(await bench.nextOffsets()).toEqual([3n]));
    expect(failures).toBe(-1);
    expect(await waiting()).toMatchObject([{ reason: 'BAD_JSON', offset: 1n }]);
    expect(await bench.count('seen')).toBe(2);
  });

  it('is stored once however often it is received', async () => {
    await bench.send([poison.BAD_JSON!]);
    for (let round = 0; round < 3; round += 1) {
      const consumer = bench.consume();
      await eventually(async () => expect(await bench.nextOffsets()).toEqual([1n]));
      await consumer.stop();
      await bench.owner.query('UPDATE events.kafka_offset SET next_offset = 0');
    }
    expect(await waiting()).toHaveLength(1);
  });

  it('gives the right state when replayed after a correction; replaying twice changes nothing', async () => {
    await bench.send([booking('b1', 'a', 1), poison.MISSING_HEADER!, poison.BAD_JSON!]);
    bench.consume();
    await eventually(async () => expect(await waiting()).toHaveLength(2));
    const [noHeader, badJson] = await waiting();
    const good = booking('corrected', 'a', 10);
    const content = {
      key: Buffer.from('a'),
      value: Buffer.from(good.value as string),
      headers: Object.fromEntries(Object.entries(good.headers).map(([name, text]) => [name, Buffer.from(text)])),
    };
    const correct = (version: bigint) =>
      inTransaction(bench.request, staff, (tx) =>
        correctDeadLetter(tx, testSealer(), { id: noHeader!.id, version, content, now: new Date() }),
      );
    expect(await correct(noHeader!.version)).toMatchObject({ isCorrected: true, version: noHeader!.version + 1n });
    await expect(correct(noHeader!.version)).rejects.toMatchObject({ reason: 'ETAG_MISMATCH' });

    const all = (reason: string) => replayDeadLetters(deps(), { selection: { reason }, timeLimitMs: 10_000 });
    expect(await all('MISSING_HEADER')).toEqual({ replayed: 1, failed: 0 });
    expect(await all('MISSING_HEADER')).toEqual({ replayed: 0, failed: 0 });
    expect(await replayDeadLetters(deps(), { selection: { id: noHeader!.id }, timeLimitMs: 10_000 })).toEqual({
      replayed: 0,
      failed: 0,
    });
    expect(await all('BAD_JSON')).toEqual({ replayed: 0, failed: 1 });
    expect(await bench.balances()).toEqual({ a: 11 });
    expect(await waiting()).toMatchObject([{ id: badJson!.id, reason: 'BAD_JSON', version: badJson!.version + 1n }]);
    await expect(correct(noHeader!.version + 2n)).rejects.toMatchObject({ reason: 'DEAD_LETTER_NOT_WAITING' });
    const { received } = await inTransaction(bench.request, staff, (tx) => readDeadLetter(tx, testSealer(), noHeader!.id));
    expect(received.headers).toEqual({});
  });

  it('keeps every correction that people made, and applies the last one', async () => {
    await bench.send([poison.BAD_JSON!]);
    bench.consume();
    await eventually(async () => expect(await waiting()).toHaveLength(1));
    const { id } = (await waiting())[0]!;
    const contentOf = (amount: number) => ({
      key: Buffer.from('a'),
      value: Buffer.from(booking('corrected', 'a', amount).value as string),
      headers: Object.fromEntries(Object.entries(headersOf('corrected')).map(([name, text]) => [name, Buffer.from(text)])),
    });
    for (const [version, amount] of [
      [1n, 10],
      [2n, 20],
    ] as const)
      await inTransaction(bench.request, staff, (tx) =>
        correctDeadLetter(tx, testSealer(), { id, version, content: contentOf(amount), now: new Date() }),
      );
    const { rows } = await bench.worker.query(
      'SELECT version, sealed_message FROM events.dead_letter_correction ORDER BY version',
    );
    const kept = rows.map(({ version, sealed_message }) =>
      testSealer()
        .open(sealed_message, { table: 'events.dead_letter_correction', column: 'sealed_message', rowId: `${id}/${version}` })
        .toString(),
    );
    expect(kept).toEqual([expect.stringContaining('"amount":10'), expect.stringContaining('"amount":20')]);
    const seenBy = async (caller: Record<string, string>) =>
      (await inTransaction(bench.request, caller, (tx) => tx.query('SELECT 1 FROM events.dead_letter_correction'))).rowCount;
    expect([await seenBy(nobody), await seenBy(staff)]).toEqual([0, 2]);
    for (const sql of ['DELETE FROM events.dead_letter_correction', 'UPDATE events.dead_letter_correction SET version = 9'])
      for (const [pool, caller] of [[bench.request, staff] as const, [bench.worker, nobody] as const])
        await expect(inTransaction(pool, caller, (tx) => tx.query(sql))).rejects.toMatchObject({ code: '42501' });

    await replayDeadLetters(deps(), { selection: { id }, timeLimitMs: 10_000 });
    expect(await bench.balances()).toEqual({ a: 20 });
    expect(await bench.count('events.dead_letter_correction')).toBe(2);
  });

  it('is replayed together with the record of who had it done, or not at all', async () => {
    await bench.send([booking('b1', 'a', 1), poison.BAD_JSON!]);
    bench.consume({ decode: (raw) => ({ ok: false, raw, reason: 'BAD_JSON', field: '' }) });
    await eventually(async () => expect(await waiting()).toHaveLength(2));
    const replay = (record: NonNullable<Parameters<typeof replayDeadLetters>[0]['record']>) =>
      replayDeadLetters({ ...deps(), record }, { selection: { reason: 'BAD_JSON' }, timeLimitMs: 10_000 });
    await expect(replay(() => Promise.reject(new Error('no room in the outbox')))).rejects.toThrow('no room');
    expect(await waiting()).toHaveLength(2);
    expect(await bench.balances()).toEqual({});

    const records: object[] = [];
    await replay(async (tx, { applied, failed }) => {
      const { rows } = await tx.query(`SELECT count(*)::int AS n FROM events.dead_letter WHERE state = 'REPLAYED'`);
      const places = applied.map(({ letter, item }) => ({ offset: letter.offset, transfer: item.raw.offset }));
      records.push({ places, failed, inItsTransaction: rows[0].n });
    });
    expect(records).toEqual([{ places: [{ offset: 0n, transfer: 0n }], failed: 1, inItsTransaction: 1 }]);
  });

  it('waits on with its new reason when it fails differently', async () => {
    await bench.send([poison.BAD_JSON!, booking('evil', 'a', 666)]);
    bench.consume({ decode: (raw) => ({ ok: false, raw, reason: 'BAD_JSON', field: '' }) });
    await eventually(async () => expect(await waiting()).toHaveLength(2));
    expect(await replayDeadLetters(deps(), { selection: { reason: 'BAD_JSON' }, timeLimitMs: 10_000 })).toEqual({
      replayed: 0,
      failed: 2,
    });
    expect((await waiting()).map(({ reason, field }) => [reason, field])).toEqual([
      ['BAD_JSON', ''],
      ['REJECTED_BY_DATABASE', '23514'],
    ]);
  });

  it('is replayed together with thousands of others by one command, each exactly once', async () => {
    await bench.send(Array.from({ length: 5_000 }, (_, index) => booking(`m${index}`, `acc-${index % 100}`, 1)));
    bench.consume({ decode: (raw) => ({ ok: false, raw, reason: 'UNKNOWN_ENUM', field: 'kind' }) });
    await eventually(async () => expect(await bench.nextOffsets()).toEqual([5_000n]));
    const counts = await inTransaction(bench.request, staff, (tx) => summariseDeadLetters(tx));
    expect(counts).toMatchObject([{ reason: 'UNKNOWN_ENUM', topic: 'bookings', count: 5_000n }]);
    const once = () => replayDeadLetters(deps(), { selection: { reason: 'UNKNOWN_ENUM' }, timeLimitMs: 60_000 });
    const [one, two] = await Promise.all([once(), once()]);
    expect(one.replayed + two.replayed).toBe(5_000);
    expect(one.failed + two.failed).toBe(0);
    expect(await bench.count('seen')).toBe(5_000);
    expect(await bench.count(`events.dead_letter WHERE state = 'REPLAYED'`)).toBe(5_000);
  });

  it('stops a replay at its time limit and says where to go on', async () => {
    await bench.send(Array.from({ length: 30 }, (_, index) => booking(`m${index}`, 'closed', 1)));
    bench.consume();
    await eventually(async () => expect(await waiting()).toHaveLength(30));
    const selection = { reason: 'ACCOUNT_CLOSED' };
    const small = { ...deps(async () => []), batchLetters: 10 };
    const first = await replayDeadLetters(small, { selection, timeLimitMs: 0 });
    expect(first).toMatchObject({ replayed: 10, failed: 0, continueAfter: expect.any(String) });
    const rest = await replayDeadLetters(small, { selection, timeLimitMs: 10_000, after: first.continueAfter! });
    expect(rest).toEqual({ replayed: 20, failed: 0 });
  });

  it('replays as many at a time as fit into memory, however large they are', async () => {
    const large = { ...booking('m', 'a', 1), value: Buffer.alloc(1_048_577, 'x') };
    for (let index = 0; index < 10; index += 1) await bench.send([large]);
    bench.consume();
    await eventually(async () => expect(await waiting()).toHaveLength(10), { timeoutMs: 20_000 });
    const first = await replayDeadLetters(deps(), { selection: { reason: 'TOO_LARGE' }, timeLimitMs: 0 });
    expect(first).toEqual({ replayed: 0, failed: 7, continueAfter: expect.any(String) });
  });

  it('is given up by reason, and stays readable', async () => {
    await bench.send([poison.BAD_JSON!, poison.ACCOUNT_CLOSED!, poison.BAD_JSON!]);
    bench.consume();
    await eventually(async () => expect(await waiting()).toHaveLength(3));
    const discard = () => inTransaction(bench.request, staff, (tx) => discardDeadLetters(tx, { reason: 'BAD_JSON' }, new Date()));
    expect(await discard()).toBe(2);
    expect(await discard()).toBe(0);
    expect((await waiting()).map(({ reason }) => reason)).toEqual(['ACCOUNT_CLOSED']);
    const gone = await inTransaction(bench.request, staff, (tx) =>
      listDeadLetters(tx, { filter: { state: 'DISCARDED' }, limit: 10 }),
    );
    expect(gone).toHaveLength(2);
  });

  it('is seen by nobody when no member of staff is asking, and not by the owner of the schema', async () => {
    await bench.send([poison.BAD_JSON!]);
    bench.consume();
    await eventually(async () => expect(await bench.count('events.dead_letter')).toBe(1));
    const count = async (caller: Record<string, string>) =>
      (await inTransaction(bench.request, caller, (tx) => tx.query('SELECT 1 FROM events.dead_letter'))).rowCount;
    expect(await count(nobody)).toBe(0);
    expect(await count({ 'bankcrm.staff_id': '' })).toBe(0);
    expect(await count(staff)).toBe(1);
    expect((await bench.owner.query('SELECT 1 FROM events.dead_letter')).rowCount).toBe(0);
    await expect(inTransaction(bench.request, staff, (tx) => tx.query('DELETE FROM events.dead_letter'))).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('cannot be opened at another place than its own', async () => {
    await bench.send([poison.BAD_JSON!, poison.ACCOUNT_CLOSED!]);
    bench.consume();
    await eventually(async () => expect(await waiting()).toHaveLength(2));
    const [one, two] = await waiting();
    await bench.worker.query(
      'UPDATE events.dead_letter SET sealed_message = (SELECT sealed_message FROM events.dead_letter WHERE id = $1) WHERE id = $2',
      [one!.id, two!.id],
    );
    await expect(inTransaction(bench.request, staff, (tx) => readDeadLetter(tx, testSealer(), two!.id))).rejects.toThrow();
  });
});
