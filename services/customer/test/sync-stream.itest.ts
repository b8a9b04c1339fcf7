import { inTransaction } from '@bankcrm/database';
import { correctDeadLetter, readDeadLetter, replayDeadLetters } from '@bankcrm/events';
import { type BankMessage, type BrokenKind, breakMessage, brokenKinds, ledgerOf, simulate } from '@bankcrm/simulator';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { corrected, jsonOf } from '../src/entry/kafka/letters.ts';
import { expectLedger } from './support/sync-ledger.ts';
import { openStream, openSync, rawOf, type SyncBench, staffIdOf, stateOf } from './support/syncing.ts';

const bank = { customers: 40, seed: 21, months: 1 };
const all = [...simulate(bank)];
const topics = ['corebanking.customers.v1', 'corebanking.accounts.v1', 'corebanking.transactions.v1'];

/** One message of each topic broken in each way, beside the whole ones. */
const broken: { kind: BrokenKind; message: BankMessage; whole: BankMessage }[] = brokenKinds.flatMap((kind) =>
  topics.flatMap((topic) => {
    const whole = all.find((message) => message.topic === topic)!;
    const message = breakMessage(kind, whole);
    return message === undefined ? [] : [{ kind, message, whole }];
  }),
);
const reasons: Record<BrokenKind, string> = {
  'bad-protobuf': 'BAD_PROTOBUF',
  'bad-json': 'BAD_JSON',
  'unknown-enum': 'UNKNOWN_ENUM',
  'currency-not-iso': 'WRONG_CURRENCY',
  'currency-mismatch': 'WRONG_CURRENCY',
  'amount-out-of-range': 'AMOUNT_OUT_OF_RANGE',
  'time-out-of-range': 'INVALID_FIELD',
  'unknown-type': 'UNKNOWN_TYPE',
  'huge-payload': 'TOO_LARGE',
  'missing-key': 'MISSING_KEY',
  'missing-headers': 'MISSING_HEADER',
};

let sync: SyncBench;
let stream: Awaited<ReturnType<typeof openStream>>;
beforeAll(async () => {
  sync = await openSync();
  stream = await openStream(sync);
});
afterAll(async () => {
  await stream.close();
  await sync.close();
});

const letters = async () =>
  (await sync.workers.query('SELECT id, topic, reason, state, sealed_message FROM events.dead_letter ORDER BY id')).rows;
const replay = (reason: string) =>
  replayDeadLetters({ ...sync, workers: sync.workers }, { selection: { reason }, timeLimitMs: 30_000 });

describe('poison in the stream', () => {
  it('is stored with its reason, sealed, and the stream goes on to the ledger’s state', async () => {
    const mixed = all.flatMap((message, index) => {
      const found = broken[index];
      return found === undefined ? [message] : [found.message, message];
    });
    await stream.publish(mixed);
    await stream.drained();
    await expectLedger(sync, ledgerOf(bank));

    const count = Object.groupBy(await letters(), ({ reason }) => reason);
    const expected = Object.groupBy(broken, ({ kind }) => reasons[kind]);
    expect(Object.fromEntries(Object.entries(count).map(([reason, rows]) => [reason, rows!.length]))).toEqual(
      Object.fromEntries(Object.entries(expected).map(([reason, rows]) => [reason, rows!.length])),
    );
    const canary = all.find(({ topic }) => topic === 'corebanking.customers.v1')!.value.subarray(20, 60);
    for (const { sealed_message } of await letters()) expect(sealed_message.includes(canary)).toBe(false);
  });

  it('replayed as it is waits on, and changes nothing', async () => {
    const before = await stateOf(sync);
    expect(await replay('BAD_JSON')).toMatchObject({ replayed: 0, failed: 3 });
    expect(await stateOf(sync)).toEqual(before);
  });

  it('corrected and replayed gives the right state; replayed twice it changes nothing', async () => {
    const fresh = [...simulate({ customers: 1, seed: 99, months: 1 })].filter(({ topic }) => topics.includes(topic));
    const renamed = fresh.map((message) => ({ ...message, headers: { ...message.headers, ce_type: 'corebanking.oops.v1' } }));
    const bench = await openSync();
    const other = await openStream(bench);
    try {
      await other.publish(renamed);
      await other.drained();
      expect(Object.values(await stateOf(bench)).flat()).toEqual([]);
      const { rows } = await bench.workers.query('SELECT id FROM events.dead_letter');
      expect(rows).toHaveLength(fresh.length);
      const steward = { 'bankcrm.staff_id': staffIdOf('100001')! };
      for (const { id } of rows)
        await inTransaction(bench.requests, steward, async (tx) => {
          const { received, letter } = await readDeadLetter(tx, bench.sealer, id);
          const content = corrected(received, jsonOf(received));
          await correctDeadLetter(tx, bench.sealer, { id, version: letter.version, content, now: new Date() });
        });
      const deps = { ...bench, workers: bench.workers };
      const options = { selection: { reason: 'UNKNOWN_TYPE' }, timeLimitMs: 30_000 };
      expect(await replayDeadLetters(deps, options)).toMatchObject({ replayed: fresh.length, failed: 0 });
      await expectLedger(bench, ledgerOf({ customers: 1, seed: 99, months: 1 }));
      const once = await stateOf(bench);
      expect(await replayDeadLetters(deps, options)).toMatchObject({ replayed: 0, failed: 0 });
      expect(await stateOf(bench)).toEqual(once);
    } finally {
      await other.close();
      await bench.close();
    }
  });

  it('is never corrected into something that could still not be applied', () => {
    const { message } = broken.find(({ kind }) => kind === 'bad-json')!;
    expect(() => corrected(rawOf(message), '{"sourceSystem":"core"}')).toThrow(
      expect.objectContaining({ kind: 'INVALID', reason: 'STILL_NOT_APPLICABLE' }),
    );
  });
});

describe('a paused source', () => {
  it('waits in Kafka while others go on, and goes on within two seconds of its resumption', async () => {
    const other = [...simulate({ customers: 2, seed: 5, months: 0, sourceSystem: 'card' })];
    const own = [...simulate({ customers: 2, seed: 77, months: 0, sourceSystem: 'wealth' })];
    const count = async (source: string) =>
      (await sync.workers.query('SELECT count(*)::int AS n FROM customer.party WHERE source_system = $1', [source])).rows[0].n;
    const pause = (paused: boolean) =>
      sync.workers.query(
        `INSERT INTO customer.sync_state (source_system, topic, paused) SELECT 'card', topic, $2 FROM unnest($1::text[]) AS t (topic)
         ON CONFLICT (source_system, topic) DO UPDATE SET paused = excluded.paused`,
        [topics, paused],
      );
    await pause(true);
    await stream.pauses.refresh();
    await stream.publish([...other, ...own]);
    // Every partition that is behind stands in front of a message that the pause holds.
    await eventually(async () => {
      const behind = (await stream.consumers.lag()).filter(({ messages }) => messages > 0n).length;
      const { rows } = await sync.workers.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM events.kafka_offset WHERE waiting_message_time IS NOT NULL',
      );
      expect(behind).toBeGreaterThan(0);
      expect(rows[0]!.n).toBe(behind);
    });
    expect(await count('card')).toBe(0);
    await pause(false);
    await stream.pauses.refresh();
    await eventually(async () => expect(await count('card')).toBe(2), { timeoutMs: 2_000 });
    await stream.drained();
    expect(await count('wealth')).toBe(2);
  });
});

it('sync state says how much was applied and how new it is, and each batch has its audit entry', async () => {
  const { rows } = await sync.workers.query(
    `SELECT topic, applied_messages, data_as_of <= now() AS past FROM customer.sync_state WHERE source_system = 'core' ORDER BY topic`,
  );
  const published = Object.groupBy(all, ({ topic }) => topic);
  for (const { topic, applied_messages, past } of rows) {
    expect(Number(applied_messages)).toBe(published[topic]!.length);
    expect(past).toBe(true);
  }
  const { rows: entries } = await sync.workers.query(
    `SELECT count(*)::int AS n FROM events.outbox WHERE topic = 'bankcrm.audit.v1.entries'`,
  );
  expect(entries[0].n).toBeGreaterThanOrEqual(rows.length);
});

it('no log line names a person or a number', () => {
  const text = stream.lines.join('\n');
  for (const { customer, accounts } of ledgerOf(bank).all()) {
    const secrets = [
      customer.profile?.value.fullName,
      ...customer.identifiers.map(({ value }) => value),
      ...customer.contacts.map(({ value }) => value),
      ...accounts.map(({ number }) => number),
    ];
    for (const secret of secrets) if (secret) expect(text).not.toContain(secret);
  }
});
