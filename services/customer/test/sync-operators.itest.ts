import { auditHash, fieldCrypto, keycloakTokenVerifier } from '@bankcrm/access';
import { type PartitionLag, rejected } from '@bankcrm/events';
import type { AppError } from '@bankcrm/kernel';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CoreBankingSyncService as Service } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { SyncRequested } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { callUnary, GrpcServer, openChannel, pageTokens } from '@bankcrm/service';
import { type BankMessage, breakMessage, ledgerOf, simulate } from '@bankcrm/simulator';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addCoreBankingSync } from '../src/adapters/grpc/core-banking-sync.ts';
import { decode } from '../src/adapters/kafka/decode.ts';
import { corrected, jsonOf } from '../src/adapters/kafka/letters.ts';
import { coreTopics, orgUnitsTopic } from '../src/adapters/kafka/topics.ts';
import { SyncProgress } from '../src/app/sync/sync-progress.ts';
import { directoryOfSuite, openIssuer, type StaffName, staff, staffIdOf } from './read-support.ts';
import { expectLedger } from './sync-ledger.ts';
import { memoryLog, openStream, openSync, type SyncBench } from './sync-support.ts';

const bank = { customers: 20, seed: 51, months: 1, format: 'json' as const };
const all = [...simulate(bank)];
const customers = coreTopics.customers;

/** What Kafka says of the stream; a test may let it fall silent. */
let lag = (): Promise<PartitionLag[]> => stream.consumers.lag();
/** What the stream understands of messages; a test may put an older release in its place. */
let reading = decode;
let sync: SyncBench;
let stream: Awaited<ReturnType<typeof openStream>>;
let issuer: Awaited<ReturnType<typeof openIssuer>>;
let server: GrpcServer;
let channel: ReturnType<typeof openChannel>;
const { lines, log } = memoryLog();

beforeAll(async () => {
  sync = await openSync();
  stream = await openStream({ ...sync, decode: (raw) => reading(raw) });
  issuer = await openIssuer();
  const verifier = keycloakTokenVerifier({ issuer: issuer.issuer, audience: 'bankcrm', clock: sync.clock });
  server = new GrpcServer({ verifier, staff: directoryOfSuite(), log, onRefusal: () => {} });
  addCoreBankingSync(server, {
    ...sync,
    topics: [...Object.values(coreTopics), orgUnitsTopic],
    coreTopics: Object.values(coreTopics),
    lag: () => lag(),
    progress: new SyncProgress(sync.workers, sync.clock),
    auditKeys: sync.keys.audit,
    pages: pageTokens(fieldCrypto(sync.keys.pageToken)),
    jsonOf,
    corrected,
  });
  channel = openChannel(`127.0.0.1:${await server.listen('127.0.0.1', 0)}`);
});
afterAll(async () => {
  channel.close();
  await server.stop(1_000);
  await issuer.close();
  await stream.close();
  await sync.close();
});

type Methods = typeof Service;
type RequestOf<Name extends keyof Methods> = Parameters<Methods[Name]['requestSerialize']>[0];
type ReplyOf<Name extends keyof Methods> = ReturnType<Methods[Name]['responseDeserialize']>;

async function call<Name extends keyof Methods>(who: StaffName, name: Name, request: RequestOf<Name>): Promise<ReplyOf<Name>> {
  const token = issuer.tokenFor({ preferred_username: staff[who], azp: 'portal' });
  const bytes = (Service[name].requestSerialize as (value: RequestOf<Name>) => Buffer)(request);
  const reply = await callUnary(channel, Service[name].path, bytes, { token, deadlineMs: 60_000 });
  return Service[name].responseDeserialize(reply) as ReplyOf<Name>;
}
const refusal = (kind: AppError['kind'], reason?: string) =>
  expect.objectContaining(reason === undefined ? { kind } : { kind, reason });

const auditEntries = async (method: string) =>
  (
    await sync.workers.query<{ payload: Buffer }>(
      `SELECT payload FROM events.outbox WHERE topic = 'bankcrm.audit.v1.entries' ORDER BY position`,
    )
  ).rows
    .map(({ payload }) => Entry.decode(payload))
    .filter(({ operation }) => operation === `bankcrm.customer.v1.CoreBankingSync/${method}`);

const poison = (count: number): BankMessage[] =>
  all
    .filter(({ topic }) => topic === customers)
    .slice(0, count)
    .map((message) => breakMessage('unknown-type', message)!);

describe('an operator', () => {
  it('reads how far each source has come on each topic, also one that nothing has come from', async () => {
    await stream.publish(all);
    await stream.drained();
    const { syncStates } = await call('operator', 'listSyncStates', {});
    const named = Object.fromEntries(syncStates.map((state) => [state.name, state]));
    expect(named[`syncStates/core.${customers}`]).toMatchObject({
      lagMessages: 0n,
      lagUnknown: false,
      lagSeconds: 0,
      appliedMessages: BigInt(all.filter(({ topic }) => topic === customers).length),
      deadLetters: 0n,
      paused: false,
      stoppedPartitions: [],
      estimatedFinishTime: undefined,
    });
    expect(named[`syncStates/directory.${orgUnitsTopic}`]).toMatchObject({ appliedMessages: 0n, lastApplyTime: undefined });
    await expectLedger(sync, ledgerOf(bank));
  });

  it('reads the rest while Kafka refuses or does not answer, and that the lag is not known', async () => {
    const asked = lag;
    for (const silent of [() => Promise.reject(new Error('no broker')), () => new Promise<never>(() => {})]) {
      lag = silent;
      const { syncStates } = await call('operator', 'listSyncStates', {});
      expect(syncStates.length).toBeGreaterThan(0);
      for (const state of syncStates) expect(state).toMatchObject({ lagUnknown: true, lagMessages: 0n });
    }
    lag = asked;
  });

  it('pauses a source with a reason and resumes it, each recorded with who did it', async () => {
    const name = `syncStates/core.${customers}`;
    await expect(call('operator', 'pauseSync', { name, reason: ' ' })).rejects.toThrow(refusal('INVALID', 'INVALID_FIELD'));
    expect(await call('operator', 'pauseSync', { name, reason: 'core is being moved' })).toMatchObject({ name, paused: true });
    await stream.pauses.refresh();
    expect([...stream.pauses.on(customers)]).toEqual(['core']);
    expect(await call('operator', 'resumeSync', { name })).toMatchObject({ name, paused: false });
    await stream.pauses.refresh();
    expect([...stream.pauses.on(customers)]).toEqual([]);
    const actor = `staff/${staffIdOf('operator')}`;
    expect(await auditEntries('PauseSync')).toEqual([
      expect.objectContaining({ actor, resource: name, reason: 'core is being moved' }),
    ]);
    expect(await auditEntries('ResumeSync')).toEqual([expect.objectContaining({ actor, resource: name })]);
  });

  it('may pause a source before its first message, but nothing that is not consumed', async () => {
    expect(await call('operator', 'pauseSync', { name: `syncStates/wealth.${customers}`, reason: 'not yet' })).toMatchObject({
      sourceSystem: 'wealth',
      paused: true,
      appliedMessages: 0n,
    });
    for (const name of ['syncStates/core.some.other.topic', `syncStates/CORE.${customers}`, 'customers/1', ''])
      await expect(call('operator', 'pauseSync', { name, reason: 'x' })).rejects.toThrow(
        refusal('INVALID', 'INVALID_RESOURCE_NAME'),
      );
  });

  it('sees dead letters by reason and place, but may neither read nor change one', async () => {
    const [first] = (await call('operator', 'listDeadLetters', { pageSize: 1, pageToken: '', filter: '' })).deadLetters;
    expect(first).toBeUndefined();
    for (const who of ['operator', 'rm', 'admin'] as const)
      await expect(call(who, 'readDeadLetter', { name: 'deadLetters/0190a3f0-0000-7000-8000-000000000001' })).rejects.toThrow(
        refusal('DENIED', 'PERMISSION_MISSING'),
      );
    await expect(call('rm', 'listSyncStates', {})).rejects.toThrow(refusal('DENIED'));
    await expect(call('steward', 'pauseSync', { name: `syncStates/core.${customers}`, reason: 'x' })).rejects.toThrow(
      refusal('DENIED'),
    );
  });
});

describe('a data steward', () => {
  it('lists letters page by page and by reason, never with content', async () => {
    await stream.publish(poison(7));
    await stream.drained();
    const pages: string[][] = [];
    for (let pageToken = ''; ; ) {
      const page = await call('steward', 'listDeadLetters', { pageSize: 3, pageToken, filter: 'reason = "UNKNOWN_TYPE"' });
      pages.push(page.deadLetters.map(({ name }) => name));
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(new Set(pages.flat()).size).toBe(7);
    const { counts } = await call('steward', 'summariseDeadLetters', {});
    expect(counts).toEqual([expect.objectContaining({ reason: 'UNKNOWN_TYPE', topic: customers, count: 7n })]);
    const one = await call('steward', 'listDeadLetters', { pageSize: 1, pageToken: '', filter: '' });
    await expect(
      call('steward', 'listDeadLetters', { pageSize: 1, pageToken: one.nextPageToken, filter: 'state = "WAITING"' }),
    ).rejects.toThrow(refusal('INVALID', 'INVALID_PAGE_TOKEN'));
    await expect(call('steward', 'listDeadLetters', { pageSize: 1, pageToken: '', filter: 'content = "x"' })).rejects.toThrow(
      refusal('INVALID', 'INVALID_FILTER'),
    );
  });

  it('reads one, corrects it, replays it: its effect is there, and who did what is recorded', async () => {
    const late = [...simulate({ customers: 1, seed: 52, months: 0, format: 'json', sourceSystem: 'card' })];
    const message = late.find(({ topic }) => topic === customers)!;
    const value = { ...(JSON.parse(message.value.toString()) as object), state: 'CUSTOMER_STATE_ASLEEP' };
    await stream.publish([{ ...message, value: Buffer.from(JSON.stringify(value)) }]);
    await stream.drained();
    const { deadLetters } = await call('steward', 'listDeadLetters', {
      pageSize: 0,
      pageToken: '',
      filter: 'reason = UNKNOWN_ENUM',
    });
    const [letter] = deadLetters;
    expect(letter).toMatchObject({ sourceSystem: 'card', state: 'WAITING', corrected: false, field: 'CustomerState' });
    const { name, etag } = letter!;

    const content = await call('steward', 'readDeadLetter', { name });
    expect(JSON.parse(content.json)).toEqual(value);
    expect(content.headers.ce_type).toBe('corebanking.customer-snapshot.v1');
    await expect(call('steward', 'correctDeadLetter', { name, etag, json: content.json })).rejects.toThrow(
      refusal('INVALID', 'STILL_NOT_APPLICABLE'),
    );
    const json = JSON.stringify({ ...value, state: 'CUSTOMER_STATE_ACTIVE' });
    await expect(call('steward', 'correctDeadLetter', { name, etag: '99', json })).rejects.toThrow(refusal('ABORTED'));
    const hasty = JSON.stringify({ ...value, state: 'CUSTOMER_STATE_CLOSED' });
    const once = await call('steward', 'correctDeadLetter', { name, etag, json: hasty });
    expect(await call('steward', 'correctDeadLetter', { name, etag: once.etag, json })).toMatchObject({
      corrected: true,
      state: 'WAITING',
    });

    expect(await call('steward', 'replayDeadLetters', { name, reason: '', pageToken: '' })).toEqual({
      applied: 1n,
      stillWaiting: 0n,
      nextPageToken: '',
    });
    expect(await call('steward', 'replayDeadLetters', { name, reason: '', pageToken: '' })).toEqual({
      applied: 0n,
      stillWaiting: 0n,
      nextPageToken: '',
    });
    const { rows } = await sync.workers.query(`SELECT source_id FROM customer.party WHERE source_system = 'card'`);
    expect(rows).toEqual([{ source_id: message.key }]);

    const actor = `staff/${staffIdOf('steward')}`;
    expect(await auditEntries('ReadDeadLetter')).toEqual([
      expect.objectContaining({ actor, resource: name, highPrivilege: true }),
    ]);
    // What a person put in the place of what was received is kept, and the entries vouch for it.
    const { rows: kept } = await sync.workers.query(
      'SELECT version, sealed_message FROM events.dead_letter_correction WHERE dead_letter_id = $1 ORDER BY version',
      [name.slice('deadLetters/'.length)],
    );
    const hashes = kept.map(({ version, sealed_message }) => {
      const place = `events.dead_letter_correction/sealed_message/${name.slice('deadLetters/'.length)}/${version}`;
      return auditHash(sync.keys.audit, sync.sealer.open(place, sealed_message));
    });
    const [first, second] = await auditEntries('CorrectDeadLetter');
    expect(first).toMatchObject({ actor, resource: name, highPrivilege: true, newValueHash: hashes[0] });
    expect(second).toMatchObject({ actor, resource: name, oldValueHash: hashes[0], newValueHash: hashes[1] });
    expect(first!.oldValueHash).toHaveLength(32);
    expect(new Set([first!.oldValueHash, ...hashes].map((hash) => hash.toString('hex'))).size).toBe(3);
    expect(await auditEntries('ReplayDeadLetters')).toEqual([
      expect.objectContaining({ actor, resource: name, count: 1n, highPrivilege: true }),
    ]);
  });

  it('gives up all of a reason with a note; replaying them afterwards applies nothing', async () => {
    await expect(call('steward', 'discardDeadLetters', { name: '', reason: 'UNKNOWN_TYPE', note: '' })).rejects.toThrow(
      refusal('INVALID'),
    );
    await expect(call('steward', 'discardDeadLetters', { name: '', reason: '', note: 'x' })).rejects.toThrow(
      refusal('INVALID', 'INVALID_SELECTION'),
    );
    const discard = { name: '', reason: 'UNKNOWN_TYPE', note: 'a test of the core' };
    expect(await call('steward', 'discardDeadLetters', discard)).toEqual({ discarded: 7n });
    expect(await call('steward', 'replayDeadLetters', { name: '', reason: 'UNKNOWN_TYPE', pageToken: '' })).toEqual({
      applied: 0n,
      stillWaiting: 0n,
      nextPageToken: '',
    });
    expect(await auditEntries('DiscardDeadLetters')).toEqual([
      expect.objectContaining({ count: 7n, reason: 'a test of the core' }),
    ]);
  });

  it('replays all of a reason at once: those that apply, while the others wait on', async () => {
    const late = [...simulate({ customers: 3, seed: 53, months: 0, sourceSystem: 'credit' })].filter(
      ({ topic }) => topic === customers,
    );
    const mute = late.map((message) => ({ ...message, headers: { ...message.headers, 'content-type': 'text/plain' } }));
    await stream.publish(mute);
    await stream.drained();
    const { deadLetters } = await call('steward', 'listDeadLetters', {
      pageSize: 0,
      pageToken: '',
      filter: 'source_system = credit',
    });
    const [one] = deadLetters;
    const { json } = await call('steward', 'readDeadLetter', { name: one!.name });
    await call('steward', 'correctDeadLetter', { name: one!.name, etag: one!.etag, json });
    const result = await call('steward', 'replayDeadLetters', { name: '', reason: one!.reason, pageToken: '' });
    expect(result).toEqual({ applied: 1n, stillWaiting: BigInt(late.length - 1), nextPageToken: '' });
    expect((await auditEntries('ReplayDeadLetters')).at(-1)).toMatchObject({
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
    const first = await call('steward', 'requestResync', request);
    expect(await call('steward', 'requestResync', request)).toEqual(first);
    await expect(call('steward', 'requestResync', { ...request, topics: [] })).rejects.toThrow(
      refusal('REFUSED', 'IDEMPOTENCY_KEY_REUSED'),
    );
    await expect(call('steward', 'requestResync', { ...request, topics: ['nope'], requestId: '' })).rejects.toThrow(
      refusal('INVALID'),
    );
    const { rows } = await sync.workers.query<{ payload: Buffer; key: string }>(
      `SELECT payload, key FROM events.outbox WHERE topic = 'corebanking.sync-requests.v1'`,
    );
    expect(rows.map(({ key }) => key)).toEqual(['core']);
    expect(SyncRequested.decode(rows[0]!.payload)).toMatchObject({
      sourceSystem: 'core',
      topics: [customers],
      customerSourceIds: ['1000000001'],
      reason: 'branch merged',
    });
    expect(await auditEntries('RequestResync')).toHaveLength(1);
  });
});

describe('a partition that stands still', () => {
  const { rates } = coreTopics;
  const name = `syncStates/core.${rates}`;
  const stateOf = async (which: string) =>
    (await call('operator', 'listSyncStates', {})).syncStates.find((state) => state.name === which);
  const restart = (given: { partition?: number; nextOffset?: bigint; reason?: string }, who: StaffName = 'operator') =>
    call(who, 'restartPartition', { name, partition: 0, nextOffset: undefined, reason: 'made anew', ...given });

  it('goes on where an operator says, among what Kafka holds, recorded with who said so and why', async () => {
    const { rows } = await sync.workers.query<{ partition: number; next_offset: bigint }>(
      'SELECT partition, next_offset FROM events.kafka_offset WHERE topic = $1 AND next_offset > 0 ORDER BY partition',
      [rates],
    );
    const [{ partition, next_offset: end }] = rows as [(typeof rows)[0]];
    const known = async () => (await sync.workers.query('SELECT * FROM customer.rate ORDER BY 1, 2, 3')).rows;
    const before = await known();
    // A topic made anew, or a Kafka restored to an older state.
    await sync.workers.query('UPDATE events.kafka_offset SET next_offset = 5000 WHERE topic = $1 AND partition = $2', [
      rates,
      partition,
    ]);
    await eventually(
      async () => expect((await stateOf(name))?.stoppedPartitions).toMatchObject([{ partition, reason: 'OFFSET_OUT_OF_RANGE' }]),
      { timeoutMs: 20_000, everyMs: 200 },
    );

    for (const wrong of [{ nextOffset: end + 1n }, { nextOffset: -1n }, { partition: 99 }, { reason: ' ' }])
      await expect(restart({ partition, ...wrong })).rejects.toThrow(refusal('INVALID', 'INVALID_FIELD'));
    await expect(restart({ partition }, 'steward')).rejects.toThrow(refusal('DENIED', 'PERMISSION_MISSING'));
    await expect(
      call('operator', 'restartPartition', { name: `syncStates/nobody.${rates}`, partition, nextOffset: 0n, reason: 'x' }),
    ).rejects.toThrow(refusal('NOT_FOUND'));

    expect(await restart({ partition, nextOffset: end - 1n })).toMatchObject({ name, stoppedPartitions: [] });
    await expect(restart({ partition })).rejects.toThrow(refusal('REFUSED', 'PARTITION_NOT_STOPPED'));
    await eventually(
      async () => {
        const { rows } = await sync.workers.query(
          'SELECT next_offset, stopped_reason FROM events.kafka_offset WHERE topic = $1 AND partition = $2',
          [rates, partition],
        );
        expect(rows).toEqual([{ next_offset: end, stopped_reason: null }]);
      },
      { timeoutMs: 20_000, everyMs: 200 },
    );
    expect(await auditEntries('RestartPartition')).toEqual([
      expect.objectContaining({
        actor: `staff/${staffIdOf('operator')}`,
        resource: `${name}/partitions/${partition}`,
        reason: `from 5000 to ${end - 1n}: made anew`,
        highPrivilege: true,
      }),
    ]);
    expect(await known()).toEqual(before);
  });
});

describe('a message whose producer calls itself something else', () => {
  const stranger = (sourceSystem: string, change: object = {}): BankMessage => {
    const message = [...simulate({ customers: 1, seed: 54, months: 0, format: 'json', sourceSystem })].find(
      ({ topic }) => topic === customers,
    )!;
    const value = Buffer.from(JSON.stringify({ ...(JSON.parse(message.value.toString()) as object), ...change }));
    return { ...message, value, headers: { ...message.headers, ce_source: 'https://kcat.example/Somebody' } };
  };
  const stateOf = async (source: string) =>
    (await call('operator', 'listSyncStates', {})).syncStates.find(({ name }) => name === `syncStates/${source}.${customers}`);

  it('waits while the source that it is listed under is paused, and goes on with it', async () => {
    const name = `syncStates/fund.${customers}`;
    await call('operator', 'pauseSync', { name, reason: 'a release' });
    await stream.pauses.refresh();
    await stream.publish([stranger('fund')]);
    const held = async () =>
      (
        await sync.workers.query('SELECT 1 FROM events.kafka_offset WHERE topic = $1 AND waiting_message_time IS NOT NULL', [
          customers,
        ])
      ).rowCount;
    await eventually(async () => expect(await held()).toBe(1), { timeoutMs: 20_000 });
    expect(await stateOf('fund')).toMatchObject({ paused: true, appliedMessages: 0n });
    await call('operator', 'resumeSync', { name });
    await stream.pauses.refresh();
    await stream.drained();
    expect(await stateOf('fund')).toMatchObject({ paused: false, appliedMessages: 1n });
  });

  it('is counted under its source when it cannot be applied, and under none when it names none', async () => {
    const { headers: _, ...mute } = stranger('nameless');
    await stream.publish([stranger('risk', { state: 'CUSTOMER_STATE_ASLEEP' }), { ...mute, headers: {} }]);
    await stream.drained();
    expect(await stateOf('risk')).toMatchObject({ sourceSystem: 'risk', deadLetters: 1n, appliedMessages: 0n });
    const nobody = await stateOf('');
    expect(nobody).toMatchObject({ sourceSystem: '', deadLetters: 1n, appliedMessages: 0n });
    expect(await call('operator', 'pauseSync', { name: nobody!.name, reason: 'who is that' })).toMatchObject({ paused: true });
    await call('operator', 'resumeSync', { name: nobody!.name });
  });
});

describe('what a steward or operator writes', () => {
  it('holds no identifying number, and selects by a reason that letters can have', async () => {
    const note = 'asked by 110101199003078515';
    const denied = refusal('INVALID', 'IDENTIFYING_TEXT');
    await expect(call('operator', 'pauseSync', { name: `syncStates/core.${customers}`, reason: note })).rejects.toThrow(denied);
    await expect(
      call('operator', 'restartPartition', { name: `syncStates/core.${customers}`, partition: 0, nextOffset: 0n, reason: note }),
    ).rejects.toThrow(denied);
    await expect(call('steward', 'discardDeadLetters', { name: '', reason: 'BAD_JSON', note })).rejects.toThrow(denied);
    await expect(
      call('steward', 'requestResync', { sourceSystem: 'core', topics: [], customerSourceIds: [], reason: note, requestId: '' }),
    ).rejects.toThrow(denied);
    for (const reason of ['bad json', 'X'.repeat(64), 'X'.repeat(1_000_000), '13800138000 '])
      for (const method of ['replayDeadLetters', 'discardDeadLetters'] as const)
        await expect(call('steward', method, { name: '', reason, note: 'x' })).rejects.toThrow(
          refusal('INVALID', 'INVALID_FIELD'),
        );
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
  const transactions = async () => (await sync.workers.query('SELECT count(*)::int AS n FROM customer.transaction')).rows[0].n;
  /** As a release that does not know them yet takes them in. */
  async function misread(): Promise<void> {
    reading = (raw) => rejected(raw, 'UNKNOWN_ENUM', 'kind');
    await stream.publish(bulk());
    await stream.drained();
    reading = decode;
  }

  it('are applied by one call, each once, or given up by one', { timeout: 240_000 }, async () => {
    const before = await transactions();
    const recorded = (await auditEntries('ReplayDeadLetters')).length;
    await misread();
    expect(await transactions()).toBe(before);
    const all = { name: '', reason: 'UNKNOWN_ENUM', pageToken: '' };
    const waiting = (await call('steward', 'summariseDeadLetters', {})).counts.find(
      ({ reason, topic }) => reason === all.reason && topic === coreTopics.transactions,
    );
    expect(waiting).toMatchObject({ count: BigInt(count) });
    expect(await call('steward', 'replayDeadLetters', all)).toMatchObject({ applied: BigInt(count) });
    expect(await transactions()).toBe(before + count);
    expect(await call('steward', 'replayDeadLetters', all)).toMatchObject({ applied: 0n });
    expect(await transactions()).toBe(before + count);
    const entries = (await auditEntries('ReplayDeadLetters')).slice(recorded);
    expect(entries.reduce((sum, entry) => sum + entry.count, 0n)).toBe(BigInt(count));

    await misread();
    const { discarded } = await call('steward', 'discardDeadLetters', { ...all, note: 'they came twice' });
    expect(discarded).toBeGreaterThanOrEqual(BigInt(count));
    expect(await call('steward', 'replayDeadLetters', all)).toEqual({ applied: 0n, stillWaiting: 0n, nextPageToken: '' });
    expect(await transactions()).toBe(before + count);
  });
});

it('letters can be seen by nobody who is not known: row-level security refuses a connection without a caller', async () => {
  await eventually(async () =>
    expect((await sync.workers.query('SELECT 1 FROM events.dead_letter')).rowCount).toBeGreaterThan(0),
  );
  expect((await sync.requests.query('SELECT 1 FROM events.dead_letter')).rowCount).toBe(0);
  expect((await sync.requests.query('SELECT 1 FROM customer.sync_state')).rowCount).toBe(0);
});

it('no log line of these calls holds a name or an ID number', () => {
  const text = lines.join('\n');
  for (const { customer } of ledgerOf(bank).all())
    for (const secret of [customer.profile?.value.fullName, ...customer.identifiers.map(({ value }) => value)])
      if (secret) expect(text).not.toContain(secret);
});
