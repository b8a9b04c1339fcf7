import { noCustomers, type StaffCaller } from '@bankcrm/access';
import { migrateRequests, openPool, type Sealer } from '@bankcrm/database';
import { migrateEvents } from '@bankcrm/events';
import { denied, newId, type StaffId } from '@bankcrm/kernel';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CreateOrgUnitRequest, OrgUnit } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { AuditedCall } from '@bankcrm/service';
import { suiteDatabase } from '@bankcrm/testing';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { command } from '../src/command.ts';
import { sqlDatabase } from '../src/database.ts';

const time = new Date('2026-03-01T08:00:00Z');
const caller: StaffCaller = {
  kind: 'staff',
  staffId: newId() as StaffId,
  staffNumber: '100001',
  posts: [],
  permissions: new Set(),
  scope: { ...noCustomers, bank: true },
};
const call: AuditedCall = {
  caller,
  operation: 'test/CreateOrgUnit',
  policy: { permission: '', audit: true, highPrivilege: false, serviceOnly: false, linkToken: false },
  traceId: '',
  callerAddress: '',
  peerAddress: '',
};
const plain: Sealer = { seal: (text) => Buffer.from(text), open: (text) => Buffer.from(text) };
const request = (requestId: string): CreateOrgUnitRequest => CreateOrgUnitRequest.fromPartial({ requestId });

describe('a command', () => {
  let requests: pg.Pool;
  let workers: pg.Pool;
  let done: number;

  beforeAll(async () => {
    const urls = await suiteDatabase('directory');
    const users = { ownerUrl: urls.owner, requestRole: 'directory_request', workerRole: 'directory_worker' };
    await migrateEvents(users);
    await migrateRequests(users);
    requests = openPool({ url: urls.request, name: 'test', maxConnections: 4, statementTimeoutMs: 5_000 });
    workers = openPool({ url: urls.worker, name: 'test', maxConnections: 2, statementTimeoutMs: 5_000 });
  });
  afterAll(async () => {
    await requests?.end();
    await workers?.end();
  });
  beforeEach(async () => {
    done = 0;
    await workers.query('DELETE FROM events.outbox');
  });

  const create = (requestId: string, { allow = async () => 'a unit', fail = false } = {}) =>
    command({ service: 'directory', database: sqlDatabase(requests), sealer: plain }, call, {
      request: request(requestId),
      requestType: CreateOrgUnitRequest,
      replyType: OrgUnit,
      allow,
      async work(tx, allowed) {
        const { rows } = await tx.query(`SELECT current_setting('bankcrm.staff_id') AS id`);
        expect(rows[0].id).toBe(caller.staffId);
        done += 1;
        if (fail) throw denied('TOO_LATE');
        const id = newId();
        const event = {
          id: newId(),
          aggregateType: 'org-unit',
          aggregateId: id,
          type: 'test.UnitCreated',
          topic: 'bankcrm.directory.v1.org-units',
          key: id,
          payload: Buffer.from(allowed),
          subject: `orgUnits/${id}`,
          time,
        };
        return {
          reply: OrgUnit.fromPartial({ name: `orgUnits/${id}` }),
          audit: { time, resource: `orgUnits/${id}` },
          events: [event],
        };
      },
    });
  const outbox = async () =>
    (await workers.query<{ topic: string; payload: Buffer }>('SELECT topic, payload FROM events.outbox ORDER BY position')).rows;

  it('is done once per request id, with its event and audit entry; sent again it gets the first reply', async () => {
    const first = await create('once');
    const again = await create('once');
    expect(done).toBe(1);
    expect([first.repeated, again.repeated]).toEqual([false, true]);
    expect(again.reply).toEqual(first.reply);
    const [event, entry, ...others] = await outbox();
    expect(others).toEqual([]);
    expect(event!.payload.toString()).toBe('a unit');
    expect(Entry.decode(entry!.payload)).toMatchObject({
      service: 'directory',
      actor: `staff/${caller.staffId}`,
      operation: 'test/CreateOrgUnit',
      resource: first.reply.name,
    });
  });

  it('without a request id is done each time', async () => {
    await create('');
    expect((await create('')).repeated).toBe(false);
    expect(done).toBe(2);
  });

  it('gives its stored reply to nobody who may not touch any more what it is about', async () => {
    await create('lost-sight');
    const allow = () => Promise.reject(denied('OUT_OF_SIGHT'));
    await expect(create('lost-sight', { allow })).rejects.toMatchObject({ reason: 'OUT_OF_SIGHT' });
    await expect(create('never-seen', { allow })).rejects.toMatchObject({ reason: 'OUT_OF_SIGHT' });
    expect(done).toBe(1);
  });

  it('that fails leaves nothing behind and can be sent again', async () => {
    await expect(create('again', { fail: true })).rejects.toMatchObject({ reason: 'TOO_LATE' });
    expect(await outbox()).toEqual([]);
    expect((await create('again')).repeated).toBe(false);
    expect(await outbox()).toHaveLength(2);
  });
});
