import { auditHash } from '@bankcrm/access';
import { coreTopics } from '@bankcrm/contract';
import { rejected } from '@bankcrm/events';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { SyncRequested } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type BankMessage, breakMessage, simulate } from '@bankcrm/simulator';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../src/entry/kafka/decode.ts';
import { staffIdOf } from './support/reading.ts';
import { all, customers, type OperatorBench, openOperators, refusal } from './support/sync-operator-bench.ts';

let bench: OperatorBench;
beforeAll(async () => {
  bench = await openOperators();
});
afterAll(() => bench?.close());

const poison = (count: number): BankMessage[] =>
  all
    .filter(({ topic }) => topic === customers)
    .slice(0, count)
    .map((message) => breakMessage('unknown-type', message)!);

describe('a data steward', () => {
  it('lists letters page by page and by reason, never with content', async () => {
    await bench.stream.publish(poison(7));
    await bench.stream.drained();
    const pages: string[][] = [];
    for (let pageToken = ''; ; ) {
      const page = await bench.call('steward', 'listDeadLetters', { pageSize: 3, pageToken, filter: 'reason = "UNKNOWN_TYPE"' });
      pages.push(page.deadLetters.map(({ name }) => name));
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(new Set(pages.flat()).size).toBe(7);
    const { counts } = await bench.call('steward', 'summariseDeadLetters', {});
    expect(counts).toEqual([expect.objectContaining({ reason: 'UNKNOWN_TYPE', topic: customers, count: 7n })]);
    const one = await bench.call('steward', 'listDeadLetters', { pageSize: 1, pageToken: '', filter: '' });
    await expect(
      bench.call('steward', 'listDeadLetters', { pageSize: 1, pageToken: one.nextPageToken, filter: 'state = "WAITING"' }),
    ).rejects.toThrow(refusal('INVALID', 'INVALID_PAGE_TOKEN'));
    await expect(
      bench.call('steward', 'listDeadLetters', { pageSize: 1, pageToken: '', filter: 'content = "x"' }),
    ).rejects.toThrow(refusal('INVALID', 'INVALID_FILTER'));
  });

  it('reads one, corrects it, replays it: its effect is there, and who did what is recorded', async () => {
    const late = [...simulate({ customers: 1, seed: 52, months: 0, format: 'json', sourceSystem: 'card' })];
    const message = late.find(({ topic }) => topic === customers)!;
    const value = { ...(JSON.parse(message.value.toString()) as object), state: 'CUSTOMER_STATE_ASLEEP' };
    await bench.stream.publish([{ ...message, value: Buffer.from(JSON.stringify(value)) }]);
    await bench.stream.drained();
    const { deadLetters } = await bench.call('steward', 'listDeadLetters', {
      pageSize: 0,
      pageToken: '',
      filter: 'reason = UNKNOWN_ENUM',
    });
    const [letter] = deadLetters;
    expect(letter).toMatchObject({ sourceSystem: 'card', state: 'WAITING', corrected: false, field: 'state' });
    const { name, etag } = letter!;

    const content = await bench.call('steward', 'readDeadLetter', { name });
    expect(JSON.parse(content.json)).toEqual(value);
    expect(content.headers.ce_type).toBe('corebanking.customer-snapshot.v1');
    await expect(bench.call('steward', 'correctDeadLetter', { name, etag, json: content.json })).rejects.toThrow(
      refusal('INVALID', 'STILL_NOT_APPLICABLE'),
    );
    const json = JSON.stringify({ ...value, state: 'CUSTOMER_STATE_ACTIVE' });
    await expect(bench.call('steward', 'correctDeadLetter', { name, etag: '99', json })).rejects.toThrow(refusal('ABORTED'));
    const hasty = JSON.stringify({ ...value, state: 'CUSTOMER_STATE_CLOSED' });
    const once = await bench.call('steward', 'correctDeadLetter', { name, etag, json: hasty });
    expect(await bench.call('steward', 'correctDeadLetter', { name, etag: once.etag, json })).toMatchObject({
      corrected: true,
      state: 'WAITING',
    });

    expect(await bench.call('steward', 'replayDeadLetters', { name, reason: '', pageToken: '' })).toEqual({
      applied: 1n,
      stillWaiting: 0n,
      nextPageToken: '',
    });
    expect(await bench.call('steward', 'replayDeadLetters', { name, reason: '', pageToken: '' })).toEqual({
      applied: 0n,
      stillWaiting: 0n,
      nextPageToken: '',
    });
    const { rows } = await bench.sync.workers.query(
      `SELECT source_id, customer_id FROM customer.party WHERE source_system = 'card'`,
    );
    expect(rows).toEqual([{ source_id: message.key, customer_id: expect.any(String) }]);

    const actor = `staff/${staffIdOf('steward')}`;
    expect(await bench.auditEntries('ReadDeadLetter')).toEqual([
      expect.objectContaining({
        actor,
        resource: name,
        highPrivilege: true,
        fields: ['headers', 'key', 'raw_value', 'json'].map((field) => ({ name: field, dataClass: DataClass.C2_IDENTIFYING })),
      }),
    ]);
    // What a person put in the place of what was received is kept, and the entries vouch for it.
    const { rows: kept } = await bench.sync.workers.query(
      'SELECT version, sealed_message FROM events.dead_letter_correction WHERE dead_letter_id = $1 ORDER BY version',
      [name.slice('deadLetters/'.length)],
    );
    const hashes = kept.map(({ version, sealed_message }) => {
      const rowId = `${name.slice('deadLetters/'.length)}/${version}`;
      const place = { table: 'events.dead_letter_correction', column: 'sealed_message', rowId };
      return auditHash(bench.sync.keys.audit, bench.sync.sealer.open(sealed_message, place));
    });
    const [first, second] = await bench.auditEntries('CorrectDeadLetter');
    expect(first).toMatchObject({ actor, resource: name, highPrivilege: true, newValueHash: hashes[0] });
    expect(second).toMatchObject({ actor, resource: name, oldValueHash: hashes[0], newValueHash: hashes[1] });
    const state = [{ name: 'state', dataClass: DataClass.C1 }];
    expect([first!.fields, second!.fields]).toEqual([state, state]);
    expect(first!.oldValueHash).toHaveLength(32);
    expect(new Set([first!.oldValueHash, ...hashes].map((hash) => hash.toString('hex'))).size).toBe(3);
    const customer = `customers/${rows[0].customer_id}`;
    expect(await bench.auditEntries('ReplayDeadLetters')).toEqual([
      expect.objectContaining({ actor, resource: name, count: 1n, highPrivilege: true, fields: [] }),
      expect.objectContaining({ actor, resource: name, customer, highPrivilege: true, newValueHash: hashes[1], fields: state }),
    ]);
  });

  it('gives up all of a reason with a note; replaying them afterwards applies nothing', async () => {
    const first = { pageToken: '' };
    await expect(
      bench.call('steward', 'discardDeadLetters', { name: '', reason: 'UNKNOWN_TYPE', note: '', ...first }),
    ).rejects.toThrow(refusal('INVALID'));
    await expect(bench.call('steward', 'discardDeadLetters', { name: '', reason: '', note: 'x', ...first })).rejects.toThrow(
      refusal('INVALID', 'INVALID_SELECTION'),
    );
    const discard = { name: '', reason: 'UNKNOWN_TYPE', note: 'a test of the core', ...first };
    expect(await bench.call('steward', 'discardDeadLetters', discard)).toEqual({ discarded: 7n, nextPageToken: '' });
    expect(await bench.call('steward', 'replayDeadLetters', { name: '', reason: 'UNKNOWN_TYPE', pageToken: '' })).toEqual({
      applied: 0n,
      stillWaiting: 0n,
      nextPageToken: '',
    });
    expect(await bench.auditEntries('DiscardDeadLetters')).toEqual([
      expect.objectContaining({ count: 7n, reason: 'a test of the core' }),
    ]);
  });

  it('replays all of a reason at once: those that apply, while the others wait on', async () => {
    const late = [...simulate({ customers: 3, seed: 53, months: 0, sourceSystem: 'credit' })].filter(
      ({ topic }) => topic === customers,
    );
    const mute = late.map((message) => ({ ...message, headers: { ...message.headers, 'content-type': 'text/plain' } }));
    await bench.stream.publish(mute);
    await bench.stream.drained();
    const { deadLetters } = await bench.call('steward', 'listDeadLetters', {
      pageSize: 0,
      pageToken: '',
      filter: 'source_system = credit',
    });
    const [one] = deadLetters;
    const { json } = await bench.call('steward', 'readDeadLetter', { name: one!.name });
    await bench.call('steward', 'correctDeadLetter', { name: one!.name, etag: one!.etag, json });
    const result = await bench.call('steward', 'replayDeadLetters', { name: '', reason: one!.reason, pageToken: '' });
    expect(result).toEqual({ applied: 1n, stillWaiting: BigInt(late.length - 1), nextPageToken: '' });
    const ofBatches = (await bench.auditEntries('ReplayDeadLetters')).filter(({ customer }) => customer === '');
    expect(ofBatches.at(-1)).toMatchObject({
      actor: `staff/${staffIdOf('steward')}`,
      resource: 'deadLetters/-',
      reason: one!.reason,
      count: 1n,
    });
  });

  it('asks a source to publish again, once per request id', async () => {
    const request = {
      sourceSystem: 'core',
      topics: [customers],
      customerSourceIds: ['1000000001'],
      reason: 'branch merged',
      requestId: 'r-1',
    };
    const first = await bench.call('steward', 'requestResync', request);
    expect(await bench.call('steward', 'requestResync', request)).toEqual(first);
    await expect(bench.call('steward', 'requestResync', { ...request, topics: [] })).rejects.toThrow(
      refusal('REFUSED', 'IDEMPOTENCY_KEY_REUSED'),
    );
    await expect(bench.call('steward', 'requestResync', { ...request, topics: ['nope'], requestId: '' })).rejects.toThrow(
      refusal('INVALID'),
    );
    const { rows } = await bench.sync.workers.query<{ payload: Buffer; key: string }>(
      `SELECT payload, key FROM events.outbox WHERE topic = 'corebanking.sync-requests.v1'`,
    );
    expect(rows.map(({ key }) => key)).toEqual(['core']);
    expect(SyncRequested.decode(rows[0]!.payload)).toMatchObject({
      sourceSystem: 'core',
      topics: [customers],
      customerSourceIds: ['1000000001'],
      reason: 'branch merged',
    });
    expect(await bench.auditEntries('RequestResync')).toHaveLength(1);
  });
});

describe('fifty thousand letters of one kind', () => {
  const count = 50_000;
  function* bulk(): Generator<BankMessage> {
    const message = [...simulate({ customers: 1, seed: 55, months: 1 })].find(({ topic }) => topic === coreTopics.transactions)!;
    const posted = TransactionPosted.decode(message.value);
    for (let index = 0; index < count; index += 1) {
      const key = `B${index % 500}`;
      const own = { sourceSystem: 'bulk', transactionId: `bulk-${index}`, accountSourceId: key, customerSourceId: key };
      yield { ...message, key, value: Buffer.from(TransactionPosted.encode({ ...posted, ...own }).finish()) };
    }
  }
  const transactions = async () =>
    (await bench.sync.workers.query('SELECT count(*)::int AS n FROM customer.transaction')).rows[0].n;
  /** As a release that does not know them yet takes them in. */
  async function misread(): Promise<void> {
    bench.replaced.decode = (raw) => rejected(raw, 'UNKNOWN_ENUM', 'kind');
    await bench.stream.publish(bulk());
    await bench.stream.drained();
    bench.replaced.decode = decode;
  }

  it('are applied by one call, each once, or given up by one', { timeout: 240_000 }, async () => {
    const before = await transactions();
    const recorded = (await bench.auditEntries('ReplayDeadLetters')).length;
    await misread();
    expect(await transactions()).toBe(before);
    const all = { name: '', reason: 'UNKNOWN_ENUM', pageToken: '' };
    const waiting = (await bench.call('steward', 'summariseDeadLetters', {})).counts.find(
      ({ reason, topic }) => reason === all.reason && topic === coreTopics.transactions,
    );
    expect(waiting).toMatchObject({ count: BigInt(count) });
    expect(await bench.call('steward', 'replayDeadLetters', all)).toMatchObject({ applied: BigInt(count) });
    expect(await transactions()).toBe(before + count);
    expect(await bench.call('steward', 'replayDeadLetters', all)).toMatchObject({ applied: 0n });
    expect(await transactions()).toBe(before + count);
    const entries = (await bench.auditEntries('ReplayDeadLetters')).slice(recorded);
    expect(entries.reduce((sum, entry) => sum + entry.count, 0n)).toBe(BigInt(count));

    await misread();
    const given = (await bench.auditEntries('DiscardDeadLetters')).length;
    const discard = { ...all, note: 'they came twice' };
    // Time for a batch or two only.
    const begun = await bench.call('steward', 'discardDeadLetters', discard, 2_050);
    expect(begun.discarded).toBeGreaterThanOrEqual(1_000n);
    expect(begun.nextPageToken).not.toBe('');
    const rest = await bench.call('steward', 'discardDeadLetters', { ...discard, pageToken: begun.nextPageToken });
    expect(rest.nextPageToken).toBe('');
    expect(begun.discarded + rest.discarded).toBeGreaterThanOrEqual(BigInt(count));
    const discards = (await bench.auditEntries('DiscardDeadLetters')).slice(given);
    expect(discards.reduce((sum, entry) => sum + entry.count, 0n)).toBe(begun.discarded + rest.discarded);
    expect(discards.every((entry) => entry.count <= 1_000n && entry.reason === discard.note)).toBe(true);
    await expect(
      bench.call('steward', 'discardDeadLetters', { ...discard, reason: 'BAD_JSON', pageToken: begun.nextPageToken }),
    ).rejects.toThrow(refusal('INVALID', 'INVALID_PAGE_TOKEN'));
    expect(await bench.call('steward', 'replayDeadLetters', all)).toEqual({ applied: 0n, stillWaiting: 0n, nextPageToken: '' });
    expect(await transactions()).toBe(before + count);
  });
});

it('letters can be seen by nobody who is not known: row-level security refuses a connection without a caller', async () => {
  await eventually(async () =>
    expect((await bench.sync.workers.query('SELECT 1 FROM events.dead_letter')).rowCount).toBeGreaterThan(0),
  );
  expect((await bench.sync.requests.query('SELECT 1 FROM events.dead_letter')).rowCount).toBe(0);
  expect((await bench.sync.requests.query('SELECT 1 FROM customer.sync_state')).rowCount).toBe(0);
});

it('no log line of these calls holds a name or an ID number', () => bench.expectCleanLog());
