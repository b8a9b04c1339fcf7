import { createHash } from 'node:crypto';
import { fieldCrypto } from '@bankcrm/access';
import { sqlDatabase } from '@bankcrm/backend';
import { inTransaction } from '@bankcrm/database';
import { newId } from '@bankcrm/kernel';
import { type AuditPack, AuditPack_State } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPack } from '../src/app/create-pack.ts';
import { getPack } from '../src/app/get-pack.ts';
import { listEntries } from '../src/app/list-entries.ts';
import { listPacks } from '../src/app/list-packs.ts';
import { signOffPack } from '../src/app/sign-off-pack.ts';
import { pack as packCommand } from '../src/entry/commands/pack.ts';
import { callOf, type Person, personAs, personWith } from './support/callers.ts';
import { bytesOf, entry, type LogBench, openLog } from './support/log.ts';

const reveal = 'bankcrm.customer.v1.Customers/RevealFields';
const exportOfLog = 'bankcrm.audit.v1.AuditEntries/ExportAuditEntries';
const signOff = 'bankcrm.audit.v1.AuditPacks/SignOffAuditPack';
/** Of 2026Q3 in Shanghai. */
const start = Date.parse('2026-06-30T16:00:00Z');
const end = Date.parse('2026-09-30T16:00:00Z');
const day = 86_400_000;

describe('packs', () => {
  let log: LogBench;
  let now: Date;
  let maker: Person;
  let reviewer: Person;
  let busy: Person;
  const acts: Entry[] = [];
  let number = 0n;
  const act = (atMs: number, over: Partial<Entry> = {}): Entry => {
    number += 1n;
    const made = entry({ number, eventTime: new Date(atMs), operation: reveal, highPrivilege: true, ...over });
    acts.push(made);
    return made;
  };
  beforeAll(async () => {
    log = await openLog();
    [maker, reviewer, busy] = [personAs('compliance'), personAs('compliance'), personAs('compliance')];
    now = new Date(end + 3 * day);
    const one = `staff/${newId()}`;
    const entries = [
      act(start - 1, { actor: one }),
      act(start, { actor: one }),
      act(end - 1, { actor: one }),
      act(end, { actor: one }),
      act(start + day, { actor: one, decision: Decision.REFUSED }),
      act(start + day, { actor: one, highPrivilege: false }),
      act(start + 2 * day, { actor: busy.name, operation: exportOfLog }),
      act(start + 3 * day, { actor: reviewer.name, operation: signOff }),
      ...Array.from({ length: 5 }, (_, at) => act(start + 4 * day, { actor: `staff/${newId()}`, count: BigInt(at + 1) })),
    ];
    await log.append(0, entries.slice(0, 7).map(bytesOf));
    await log.append(2, entries.slice(7).map(bytesOf));
    await log.settle();
  });
  afterAll(() => log?.close());

  const deps = () => ({
    requests: log.requests,
    staff: { staffBelow: () => [] },
    pages: log.pages,
    auditKeys: log.keys.audit,
    clock: { now: () => now },
    service: 'audit',
    database: sqlDatabase(log.requests),
    sealer: fieldCrypto(log.keys.reply),
    timeZone: 'Asia/Shanghai',
  });
  const create = (quarter: string, { person = maker, requestId = '' } = {}): Promise<AuditPack> =>
    createPack(deps())({ quarter, requestId }, callOf(person, 'createAuditPack'));
  const get = (quarter: string, person = maker) =>
    getPack(deps())({ name: `auditPacks/${quarter}` }, callOf(person, 'getAuditPack'));
  const sign = (pack: AuditPack, { person = reviewer, findings = '无异常', requestId = '', etag = pack.etag } = {}) =>
    signOffPack(deps())({ name: pack.name, etag, findings, requestId }, callOf(person, 'signOffAuditPack'));
  const high = (from: number, before: number): Entry[] =>
    acts.filter(({ highPrivilege, eventTime }) => highPrivilege && eventTime!.getTime() >= from && eventTime!.getTime() < before);
  const leaf = (one: Entry) =>
    createHash('sha256')
      .update(Buffer.concat([Buffer.alloc(1), bytesOf(one)]))
      .digest();
  async function records(): Promise<Entry[]> {
    const { rows } = await log.workers.query<{ payload: Buffer }>('SELECT payload FROM events.outbox ORDER BY position');
    return rows.map(({ payload }) => Entry.decode(payload));
  }
  /** Entries that a list shows by a filter, of the person who made the pack. */
  async function listed(filter: string): Promise<string[]> {
    const reply = await listEntries(deps())({ filter, pageSize: 200, pageToken: '' }, callOf(maker, 'listAuditEntries'));
    return reply.entries.map(({ name }) => name);
  }

  it('count the high-privilege acts of a quarter in the time zone of the bank by person, act and decision', async () => {
    const pack = await create('2026Q3');
    const expected = high(start, end);
    expect(expected).toHaveLength(10);
    const counts = new Map<string, bigint>();
    for (const { actor, operation, decision } of expected) {
      const key = [actor, operation, decision].join(' ');
      counts.set(key, (counts.get(key) ?? 0n) + 1n);
    }
    expect(
      new Map(pack.counts.map(({ actor, operation, decision, count }) => [[actor, operation, decision].join(' '), count])),
    ).toEqual(counts);
    expect(pack.counts[0]!.count).toBe(2n);
    expect(pack).toMatchObject({
      name: 'auditPacks/2026Q3',
      state: AuditPack_State.OPEN,
      startTime: new Date(start),
      endTime: new Date(end),
      createTime: now,
      entryCount: 10n,
      head: 1n,
    });
    expect(await get('2026Q3')).toEqual(pack);
  });

  it('name the entries behind the counts, and hash them', async () => {
    const pack = await get('2026Q3');
    const expected = high(start, end).toSorted(
      (a, b) => a.eventTime!.getTime() - b.eventTime!.getTime() || (a.entryId < b.entryId ? -1 : 1),
    );
    expect(pack.entriesHash).toEqual(
      createHash('sha256')
        .update(Buffer.concat(expected.map(leaf)))
        .digest(),
    );
    expect((await listed(pack.entriesFilter)).toReversed()).toEqual(expected.map(({ entryId }) => `auditEntries/${entryId}`));
  });

  it('are recorded when they are made, under the person', async () => {
    const before = (await records()).length;
    const { entryCount } = await create('2026Q2');
    expect((await records()).slice(before)).toMatchObject([
      {
        actor: maker.name,
        operation: 'bankcrm.audit.v1.AuditPacks/CreateAuditPack',
        resource: 'auditPacks/2026Q2',
        count: entryCount,
        highPrivilege: false,
      },
    ]);
  });

  it('of the running quarter end now and are signed off by nobody; of a quarter to come there is none', async () => {
    const pack = await create('2026Q4');
    expect(pack).toMatchObject({ startTime: new Date(end), endTime: now, entryCount: 1n });
    await expect(sign(pack)).rejects.toMatchObject({ kind: 'REFUSED', reason: 'QUARTER_NOT_OVER' });
    await expect(create('2027Q1')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'QUARTER_NOT_BEGUN' });
    await expect(create('2026Q5')).rejects.toMatchObject({ kind: 'INVALID', fields: [{ field: 'quarter' }] });
    await expect(get('2026Q1')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  it('wait until an anchored head covers all of their acts, and replace the counts when made anew', async () => {
    const first = await create('2026Q3');
    await log.append(1, [bytesOf(act(start + 9 * day))]);
    await expect(create('2026Q3')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'NOT_YET_ANCHORED' });
    await log.make();
    await expect(create('2026Q3')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'NOT_YET_ANCHORED' });
    expect(await get('2026Q3')).toEqual(first);
    await log.settle();
    const anew = await create('2026Q3');
    expect(anew).toMatchObject({ entryCount: first.entryCount + 1n, head: 2n });
    expect(anew.counts.reduce((sum, { count }) => sum + count, 0n)).toBe(anew.entryCount);
    expect(anew.etag).not.toBe(first.etag);
    await expect(sign(first)).rejects.toMatchObject({ kind: 'ABORTED', reason: 'ETAG_MISMATCH' });
  });

  it('are made once per request id', async () => {
    const requestId = newId();
    const before = (await records()).length;
    const first = await create('2026Q2', { requestId });
    now = new Date(now.getTime() + 1_000);
    expect(await create('2026Q2', { requestId })).toEqual(first);
    expect(await records()).toHaveLength(before + 1);
    await expect(create('2026Q3', { requestId })).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('made by many at once are made one after the other', async () => {
    const made = await Promise.all(Array.from({ length: 12 }, () => create('2026Q2')));
    expect(new Set(made.map(({ etag }) => etag)).size).toBe(12);
  });

  it('are made by nobody who sees only some of the log, and shown to nobody who does not see the bank', async () => {
    const permissions = ['audit.packs.create', 'audit.packs.get', 'audit.packs.sign-off'];
    const blind = personWith(permissions);
    await expect(create('2026Q3', { person: blind })).rejects.toMatchObject({ kind: 'DENIED', reason: 'PERMISSION_MISSING' });
    const elsewhere = personWith([...permissions, 'audit.entries.search'], false);
    await expect(create('2026Q3', { person: elsewhere })).rejects.toMatchObject({ kind: 'DENIED', reason: 'PERMISSION_MISSING' });
    await expect(get('2026Q3', elsewhere)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(sign(await get('2026Q3'), { person: elsewhere })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  it('are signed off by somebody else than who did the acts', async () => {
    const pack = await get('2026Q3');
    await expect(sign(pack, { person: busy })).rejects.toMatchObject({ kind: 'REFUSED', reason: 'OWN_ACTS' });
    await expect(sign(pack, { etag: '' })).rejects.toMatchObject({ reason: 'ETAG_REQUIRED' });
    for (const findings of [' ', 'x'.repeat(10_001), '客户 13800138000 投诉'])
      await expect(sign(pack, { findings })).rejects.toMatchObject({ kind: 'INVALID', fields: [{ field: 'findings' }] });
    expect(await get('2026Q3')).toEqual(pack);

    const before = (await records()).length;
    const requestId = newId();
    const signed = await sign(pack, { requestId, findings: ' 无异常\n已抽查 20 笔 ' });
    const { etag, ...same } = pack;
    expect(signed).toMatchObject({
      ...same,
      state: AuditPack_State.SIGNED_OFF,
      reviewer: reviewer.name,
      findings: '无异常\n已抽查 20 笔',
      signOffTime: now,
    });
    expect(signed.etag).not.toBe(etag);
    expect((await records()).slice(before)).toMatchObject([
      { actor: reviewer.name, operation: signOff, resource: 'auditPacks/2026Q3', highPrivilege: true },
    ]);
    expect(await sign(pack, { requestId, findings: ' 无异常\n已抽查 20 笔 ' })).toEqual(signed);
    expect(await records()).toHaveLength(before + 1);
  });

  it('that are signed off are made and signed off no more, and no query changes them', async () => {
    const pack = await get('2026Q3');
    await expect(create('2026Q3')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'PACK_SIGNED_OFF' });
    await expect(sign(pack)).rejects.toMatchObject({ kind: 'REFUSED', reason: 'PACK_SIGNED_OFF' });
    const settings = { 'bankcrm.staff_id': reviewer.staffId, 'bankcrm.bank': 'on' };
    for (const pool of [log.requests, log.workers])
      await inTransaction(pool, settings, async (tx) => {
        for (const text of [
          `UPDATE audit.pack SET findings = 'x' WHERE quarter = '2026Q3'`,
          `DELETE FROM audit.pack_count WHERE quarter = '2026Q3'`,
        ])
          expect((await tx.query(text)).rowCount, text).toBe(0);
      });
    expect(await get('2026Q3')).toEqual(pack);
  });

  it('are not signed off when acts of the quarter have come since: they would be reviewed by nobody', async () => {
    const pack = await create('2026Q1');
    await log.append(3, [bytesOf(act(Date.parse('2026-02-01T00:00:00Z')))]);
    await log.settle();
    await expect(sign(pack)).rejects.toMatchObject({ kind: 'REFUSED', reason: 'PACK_OUTDATED' });
    const anew = await create('2026Q1');
    expect(anew.entryCount).toBe(pack.entryCount + 1n);
    expect(await sign(anew)).toMatchObject({ state: AuditPack_State.SIGNED_OFF });
  });

  it('are shown on record', async () => {
    const before = (await records()).length;
    await get('2026Q3');
    await listPacks(deps())({ pageSize: 2, pageToken: '' }, callOf(maker, 'listAuditPacks'));
    expect((await records()).slice(before)).toMatchObject([
      { actor: maker.name, operation: 'bankcrm.audit.v1.AuditPacks/GetAuditPack', resource: 'auditPacks/2026Q3' },
      { actor: maker.name, operation: 'bankcrm.audit.v1.AuditPacks/ListAuditPacks', count: 2n },
    ]);
  });

  it('are listed by pages, newest quarter first', async () => {
    const names: string[] = [];
    let pageToken = '';
    do {
      const page = await listPacks(deps())({ pageSize: 2, pageToken }, callOf(maker, 'listAuditPacks'));
      names.push(...page.auditPacks.map(({ name }) => name));
      ({ nextPageToken: pageToken } = page);
    } while (pageToken !== '');
    expect(names).toEqual(['2026Q4', '2026Q3', '2026Q2', '2026Q1'].map((quarter) => `auditPacks/${quarter}`));
  });

  it('are made by a command under the name of the service: 0 when made, 1 when refused', async () => {
    const before = (await records()).length;
    const told: string[] = [];
    const print = console.log;
    const kept = { ...process.env };
    console.log = (line: string) => void told.push(line);
    Object.assign(process.env, log.env);
    try {
      expect(await packCommand(['2026Q2'])).toBe(0);
      expect(await packCommand(['2026Q3'])).toBe(1);
      await expect(packCommand([])).rejects.toThrow('2026Q4');
      await expect(packCommand(['soon'])).rejects.toMatchObject({ kind: 'INVALID' });
    } finally {
      console.log = print;
      process.env = kept;
    }
    const text = told.join('\n');
    expect(text).toContain('2026-04-01 00:00:00 to before 2026-07-01 00:00:00 (Asia/Shanghai)');
    expect(text).toMatch(new RegExp(`${acts[0]!.actor} +Customers/RevealFields +allowed +1\\n`));
    expect(text).toContain('/v1/auditPacks/2026Q2:signOff');
    expect(text).toContain('signed off already');
    expect((await records()).slice(before)).toMatchObject([
      { actor: 'services/audit', operation: 'bankcrm.audit.v1.AuditPacks/CreateAuditPack', resource: 'auditPacks/2026Q2' },
    ]);
  });
});
