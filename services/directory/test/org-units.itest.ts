import { fieldCrypto, readKeys } from '@bankcrm/access';
import { type OrgUnit, OrgUnitKind } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { eventually } from '@bankcrm/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orgUnitsRpc, type Suite, startSuite } from './support/harness.ts';
import { readTopic } from './support/read-topic.ts';

describe('org units', () => {
  let suite: Suite;
  let headOffice: OrgUnit;

  beforeAll(async () => {
    suite = await startSuite();
    const { orgUnits } = await suite.call(orgUnitsRpc.listOrgUnits, { pageSize: 0, pageToken: '' });
    headOffice = orgUnits.find(({ parent }) => parent === '')!;
  });
  afterAll(() => suite?.stop());

  const create = (code: string, parent: string, kind: OrgUnit['kind'] = OrgUnitKind.BRANCH, requestId = '') =>
    suite.call(orgUnitsRpc.createOrgUnit, {
      requestId,
      orgUnit: {
        name: '',
        code,
        displayName: `${code}分行`,
        kind,
        parent,
        etag: '',
        createTime: undefined,
        updateTime: undefined,
      },
    });
  const get = (name: string) => suite.call(orgUnitsRpc.getOrgUnit, { name });
  const move = (unit: OrgUnit, to: OrgUnit) =>
    suite.call(orgUnitsRpc.moveOrgUnit, { name: unit.name, destinationParent: to.name, etag: unit.etag });

  it('have one head office, and codes that nobody else has', async () => {
    await expect(create('HQ2', '', OrgUnitKind.HEAD_OFFICE)).rejects.toMatchObject({ reason: 'HEAD_OFFICE_EXISTS' });
    await create('ONCE', headOffice.name);
    await expect(create('ONCE', headOffice.name)).rejects.toMatchObject({
      kind: 'ALREADY_EXISTS',
      reason: 'ORG_UNIT_CODE_TAKEN',
    });
    await expect(create('lower', headOffice.name)).rejects.toMatchObject({
      kind: 'INVALID',
      fields: [{ field: 'org_unit.code' }],
    });
  });

  it('never form a cycle, also when two moves that would make one together come at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const a = await create(`A${round}`, headOffice.name);
      const b = await create(`B${round}`, headOffice.name);
      const outcomes = await Promise.allSettled([move(a, b), move(b, a)]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const refusal = outcomes.find((outcome) => outcome.status === 'rejected');
      expect(refusal?.reason).toMatchObject({ kind: 'REFUSED', reason: 'MOVED_BELOW_ITSELF' });
    }
  });

  it('refuse to hang below themselves, however deep, and the head office stays on top', async () => {
    const top = await create('DEEP-1', headOffice.name);
    const middle = await create('DEEP-2', top.name, OrgUnitKind.SUB_BRANCH);
    const bottom = await create('DEEP-3', middle.name, OrgUnitKind.TEAM);
    await expect(move(top, bottom)).rejects.toMatchObject({ reason: 'MOVED_BELOW_ITSELF' });
    await expect(move(top, top)).rejects.toMatchObject({ reason: 'MOVED_BELOW_ITSELF' });
    await expect(move(headOffice, top)).rejects.toMatchObject({ reason: 'HEAD_OFFICE_STAYS' });
    await move(bottom, top);
    expect((await get(bottom.name)).parent).toBe(top.name);
  });

  it('keep their name where an update says none, and code, kind and place in any case', async () => {
    const unit = await create('RENAMED', headOffice.name);
    const update = (fields: Partial<OrgUnit>) =>
      suite.call(orgUnitsRpc.updateOrgUnit, { orgUnit: { ...unit, displayName: undefined, ...fields } });
    for (const [fields, field] of [
      [{}, 'org_unit'],
      [{ displayName: '' }, 'org_unit.display_name'],
      [{ displayName: '新名', code: 'OTHER' }, 'org_unit.code'],
      [{ displayName: '新名', kind: OrgUnitKind.TEAM }, 'org_unit.kind'],
      [{ displayName: '新名', parent: unit.name }, 'org_unit.parent'],
    ] as const)
      await expect(update(fields)).rejects.toMatchObject({ kind: 'INVALID', fields: [{ field }] });
    expect(await get(unit.name)).toEqual(unit);
  });

  it('have a history of every change, with the name and the place they had before', async () => {
    const unit = await create('HISTORY', headOffice.name);
    const target = await create('HISTORY-2', headOffice.name);
    const renamed = await suite.call(orgUnitsRpc.updateOrgUnit, { orgUnit: { ...unit, displayName: '新名' } });
    await move(renamed, target);
    const list = (parent: string) => suite.call(orgUnitsRpc.listOrgUnitHistory, { parent, pageSize: 0, pageToken: '' });
    const { entries } = await list(unit.name);
    expect(entries.map(({ operation, actor, changes }) => [operation.split('/')[1], actor, changes])).toEqual([
      ['MoveOrgUnit', suite.admin.member.name, [{ field: 'parent', oldValue: headOffice.name, newValue: target.name }]],
      ['UpdateOrgUnit', suite.admin.member.name, [{ field: 'display_name', oldValue: 'HISTORY分行', newValue: '新名' }]],
      [
        'CreateOrgUnit',
        suite.admin.member.name,
        [
          { field: 'code', oldValue: '', newValue: 'HISTORY' },
          { field: 'display_name', oldValue: '', newValue: 'HISTORY分行' },
          { field: 'kind', oldValue: '', newValue: 'BRANCH' },
          { field: 'parent', oldValue: '', newValue: headOffice.name },
        ],
      ],
    ]);
    await expect(list('orgUnits/0190a3f0-0000-7000-8000-000000000001')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(list(suite.admin.member.name)).rejects.toMatchObject({ reason: 'INVALID_RESOURCE_NAME' });
  });

  it('are not changed by somebody who saw an older version', async () => {
    const seen = await create('STALE', headOffice.name);
    const renamed = await suite.call(orgUnitsRpc.updateOrgUnit, { orgUnit: { ...seen, displayName: '新名' } });
    expect(renamed).toMatchObject({ displayName: '新名', code: 'STALE' });
    await expect(suite.call(orgUnitsRpc.updateOrgUnit, { orgUnit: seen })).rejects.toMatchObject({ kind: 'ABORTED' });
    await expect(move(seen, headOffice)).rejects.toMatchObject({ reason: 'ETAG_MISMATCH' });
    await expect(move({ ...seen, etag: '' }, headOffice)).rejects.toMatchObject({ reason: 'ETAG_REQUIRED' });
  });

  it('are listed page by page, each once, with a token that fits no other list', async () => {
    for (let n = 0; n < 7; n += 1) await create(`PAGE-${n}`, headOffice.name);
    const codes: string[] = [];
    let pageToken = '';
    do {
      const page = await suite.call(orgUnitsRpc.listOrgUnits, { pageSize: 3, pageToken });
      expect(page.orgUnits.length).toBeLessThanOrEqual(3);
      codes.push(...page.orgUnits.map(({ code }) => code));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => code.startsWith('PAGE-'))).toHaveLength(7);
    await expect(suite.call(orgUnitsRpc.listOrgUnits, { pageSize: 3, pageToken: 'AQEA' })).rejects.toMatchObject({
      reason: 'INVALID_PAGE_TOKEN',
    });
    await expect(suite.call(orgUnitsRpc.listOrgUnits, { pageSize: 201, pageToken: '' })).rejects.toMatchObject({
      kind: 'INVALID',
    });
  });

  it('are created once per request id, also when the same request comes many times at once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 6 }, () => create('AGAIN', headOffice.name, OrgUnitKind.BRANCH, 'request-1')),
    );
    expect(new Set(replies.map(({ name }) => name)).size).toBe(1);
    await expect(create('OTHER', headOffice.name, OrgUnitKind.BRANCH, 'request-1')).rejects.toMatchObject({
      kind: 'REFUSED',
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
    await expect(create('OTHER', headOffice.name, OrgUnitKind.BRANCH, 'bad id')).rejects.toMatchObject({ kind: 'INVALID' });
  });

  it('have their stored replies sealed by a key of its own, which outlives that of page tokens', async () => {
    await create('SEALED', headOffice.name, OrgUnitKind.BRANCH, 'request-2');
    const client = new pg.Client({ connectionString: suite.urls.worker });
    await client.connect();
    const { rows } = await client.query(`SELECT * FROM requests.request WHERE request_id = 'request-2'`);
    await client.end();
    const { caller, method, request_id, sealed_reply } = rows[0];
    const rowId = JSON.stringify([caller, method, request_id]);
    const place = { table: 'requests.request', column: 'sealed_reply', rowId };
    const keys = readKeys(suite.keysFile, ['reply', 'pageToken']);
    expect(fieldCrypto(keys.reply).open(sealed_reply, place).toString()).toContain('SEALED');
    expect(() => fieldCrypto(keys.pageToken).open(sealed_reply, place)).toThrow('SEAL_BROKEN');
  });

  it('are published to the compacted topic: key the id, newest sequence with the newest parent', async () => {
    const topic = readTopic(suite, 'bankcrm.directory.v1.org-units', (value) => OrgUnitChanged.decode(value));
    try {
      const unit = await create('MOVING', headOffice.name);
      const target = await create('TARGET', headOffice.name);
      await move(unit, target);
      const id = unit.name.slice('orgUnits/'.length);
      await eventually(
        () => {
          const newest = topic.seen.filter(({ key }) => key === id).at(-1)?.event;
          const parentId = target.name.slice('orgUnits/'.length);
          expect(newest).toMatchObject({ orgUnitId: id, code: 'MOVING', displayName: 'MOVING分行', parentId });
        },
        { timeoutMs: 20_000 },
      );
    } finally {
      await topic.stop();
    }
  });
});
