import { fieldCrypto, keycloakTokenVerifier } from '@bankcrm/access';
import type { AppError } from '@bankcrm/kernel';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CoreBankingSyncService as Service } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { SyncRequested } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { callUnary, GrpcServer, openChannel, pageTokens } from '@bankcrm/service';
import { type BankMessage, breakMessage, ledgerOf, simulate } from '@bankcrm/simulator';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addCoreBankingSync } from '../src/adapters/grpc/core-banking-sync.ts';
import { corrected, jsonOf } from '../src/adapters/kafka/letters.ts';
import { coreTopics, orgUnitsTopic } from '../src/adapters/kafka/topics.ts';
import { SyncProgress } from '../src/app/sync/sync-progress.ts';
import { directoryOfSuite, openIssuer, type StaffName, staff, staffIdOf } from './read-support.ts';
import { expectLedger } from './sync-ledger.ts';
import { memoryLog, openStream, openSync, type SyncBench } from './sync-support.ts';

const bank = { customers: 20, seed: 51, months: 1, format: 'json' as const };
const all = [...simulate(bank)];
const customers = coreTopics.customers;

let sync: SyncBench;
let stream: Awaited<ReturnType<typeof openStream>>;
let issuer: Awaited<ReturnType<typeof openIssuer>>;
let server: GrpcServer;
let channel: ReturnType<typeof openChannel>;
const { lines, log } = memoryLog();

beforeAll(async () => {
  sync = await openSync();
  stream = await openStream(sync);
  issuer = await openIssuer();
  const verifier = keycloakTokenVerifier({ issuer: issuer.issuer, audience: 'bankcrm', clock: sync.clock });
  server = new GrpcServer({ verifier, staff: directoryOfSuite(), log, onRefusal: () => {} });
  addCoreBankingSync(server, {
    ...sync,
    topics: [...Object.values(coreTopics), orgUnitsTopic],
    coreTopics: Object.values(coreTopics),
    lag: () => stream.consumers.lag(),
    progress: new SyncProgress(sync.workers, sync.clock),
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
  const reply = await callUnary(channel, Service[name].path, bytes, { token, deadlineMs: 30_000 });
  return Service[name].responseDeserialize(reply) as ReplyOf<Name>;
}
const refusal = (kind: AppError['kind'], reason?: string) =>
  expect.objectContaining(reason === undefined ? { kind } : { kind, reason });

const auditEntries = async (method: string) =>
  (
    await sync.workers.query<{ payload: Buffer }>(`SELECT payload FROM events.outbox WHERE topic = 'bankcrm.audit.v1.entries'`)
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

  it('pauses a source with a reason and resumes it, each recorded with who did it', async () => {
    const name = `syncStates/core.${customers}`;
    await expect(call('operator', 'pauseSync', { name, reason: ' ' })).rejects.toThrow(refusal('INVALID', 'INVALID_FIELD'));
    expect(await call('operator', 'pauseSync', { name, reason: 'core is being moved' })).toMatchObject({ name, paused: true });
    await stream.pauses.refresh();
    expect(stream.pauses.isPaused('core', customers)).toBe(true);
    expect(await call('operator', 'resumeSync', { name })).toMatchObject({ name, paused: false });
    await stream.pauses.refresh();
    expect(stream.pauses.isPaused('core', customers)).toBe(false);
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
    expect(await call('steward', 'correctDeadLetter', { name, etag, json })).toMatchObject({ corrected: true, state: 'WAITING' });

    expect(await call('steward', 'replayDeadLetters', { name, reason: '' })).toEqual({ applied: 1n, stillWaiting: 0n });
    expect(await call('steward', 'replayDeadLetters', { name, reason: '' })).toEqual({ applied: 0n, stillWaiting: 0n });
    const { rows } = await sync.workers.query(`SELECT source_id FROM customer.party WHERE source_system = 'card'`);
    expect(rows).toEqual([{ source_id: message.key }]);

    const actor = `staff/${staffIdOf('steward')}`;
    expect(await auditEntries('ReadDeadLetter')).toEqual([
      expect.objectContaining({ actor, resource: name, highPrivilege: true }),
    ]);
    expect(await auditEntries('CorrectDeadLetter')).toHaveLength(1);
    expect(await auditEntries('ReplayDeadLetters')).toHaveLength(2);
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
    expect(await call('steward', 'replayDeadLetters', { name: '', reason: 'UNKNOWN_TYPE' })).toEqual({
      applied: 0n,
      stillWaiting: 0n,
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
    const result = await call('steward', 'replayDeadLetters', { name: '', reason: one!.reason });
    expect(result).toEqual({ applied: 1n, stillWaiting: BigInt(late.length - 1) });
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
