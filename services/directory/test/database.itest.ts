import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { callerSettings, keySet, noCustomers, type StaffCaller } from '@bankcrm/access';
import { migrateService } from '@bankcrm/backend';
import { inTransaction, openPool } from '@bankcrm/database';
import { newId } from '@bankcrm/kernel';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { StaffChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import type { Call } from '@bankcrm/service';
import { suiteDatabase } from '@bankcrm/testing';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prisma } from '../prisma/generated/client.ts';
import { bootstrapAdmin } from '../src/app/bootstrap-admin.ts';
import { createStaff } from '../src/app/create-staff.ts';
import { suspendStaff } from '../src/app/suspend-staff.ts';
import { createStaffMember } from '../src/domain/staff.ts';
import { directory } from '../src/service.ts';
import { openDatabase } from '../src/store/database.ts';
import { records } from '../src/store/records.ts';
import { lockDirectory } from '../src/store/store.ts';

const clock = { now: () => new Date() };
const keys = keySet({ 1: Buffer.alloc(32, 7) });

describe('the directory in PostgreSQL', () => {
  let urls: Awaited<ReturnType<typeof suiteDatabase>>;
  let owner: pg.Pool;
  let workers: pg.Pool;
  let adminId: string;
  let headOfficeId: string;

  beforeAll(async () => {
    urls = await suiteDatabase('directory');
    await migrateService(urls.owner, directory.folder);
    owner = openPool({ url: urls.owner, name: 'test', maxConnections: 2, statementTimeoutMs: 10_000 });
    workers = openPool({ url: urls.worker, name: 'test', maxConnections: 2, statementTimeoutMs: 10_000 });
    const deps = { database: openDatabase(workers), records: records(keys), clock };
    expect(await bootstrapAdmin(deps, { staffNumber: '100001', email: 'admin@bank.example' })).toBe(true);
    expect(await bootstrapAdmin(deps, { staffNumber: '100002', email: 'second@bank.example' })).toBe(false);
    const { rows } = await workers.query('SELECT staff_id, org_unit_id FROM directory.post');
    ({ staff_id: adminId, org_unit_id: headOfficeId } = rows[0]);
  });
  afterAll(async () => {
    await owner?.end();
    await workers?.end();
  });

  const caller = (): StaffCaller => ({
    kind: 'staff',
    staffId: adminId as StaffCaller['staffId'],
    staffNumber: '100001',
    posts: [],
    permissions: new Set(),
    scope: { ...noCustomers, bank: true },
  });
  const call = (operation: string): Call => ({
    caller: caller(),
    operation,
    policy: { permission: '', audit: true, highPrivilege: true, serviceOnly: false, linkToken: false },
    traceId: '',
    callerAddress: '127.0.0.1',
    peerAddress: '127.0.0.1',
    deadline: new Date(8.64e15),
    signal: new AbortController().signal,
    asksFor: () => {},
    nameFile: () => {},
  });

  it('applies its migrations once, also when several replicas start together', async () => {
    await Promise.all([migrateService(urls.owner, directory.folder), migrateService(urls.owner, directory.folder)]);
    const { rows } = await owner.query('SELECT count(*) AS n FROM directory_migrations');
    expect(rows[0].n).toBe(5n);
  });

  it('gives Prisma the tables that the migrations make: names, types, nullability and keys', async () => {
    const { rows } = await owner.query<{ name: string; type: string; nullable: boolean; key: boolean }>(`
      SELECT c.relname || '.' || a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
        EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS key
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'directory'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped`);
    const actual = Object.fromEntries(rows.map(({ name, ...facts }) => [name, facts]));
    const schema = readFileSync(new URL('../prisma/schema.prisma', import.meta.url), 'utf8');
    expect(columnsOf(schema)).toEqual(actual);
    expect(Object.keys(Prisma.ModelName)).toHaveLength(new Set(rows.map(({ name }) => name.split('.')[0])).size);
  });

  it('says of every column which class of data it holds', async () => {
    const { rows } = await owner.query(`
      SELECT format('%s.%s.%s', n.nspname, c.relname, a.attname) AS name
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN ('directory', 'requests') AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        AND coalesce(col_description(c.oid, a.attnum), '') !~ '^C[12]'`);
    expect(rows).toEqual([]);
  });

  it('shows a request that set no caller nothing, and lets it write nothing', async () => {
    const requests = openPool({ url: urls.request, name: 'test', maxConnections: 1, statementTimeoutMs: 10_000 });
    try {
      const tables = ['org_unit', 'staff', 'post', 'account', 'change'];
      const counts = async () => {
        const { rows } = await requests.query(
          tables.map((table) => `SELECT count(*) AS n FROM directory.${table}`).join(' UNION ALL '),
        );
        return rows.map(({ n }) => n);
      };
      expect(await counts()).toEqual([0n, 0n, 0n, 0n, 0n]);
      const { rowCount } = await requests.query("UPDATE directory.staff SET state = 'LEFT'");
      expect(rowCount).toBe(0);
      await expect(
        requests.query(
          `INSERT INTO directory.org_unit VALUES ($1, 'X', 'x', 'BRANCH', $2, 1, nextval('directory.revision'), now(), now())`,
          [newId(), headOfficeId],
        ),
      ).rejects.toMatchObject({ code: '42501' });

      // What a transaction-local setting leaves behind on its connection is an empty text: still nobody.
      await requests.query('BEGIN');
      for (const [name, value] of Object.entries(callerSettings(caller())))
        await requests.query('SELECT set_config($1, $2, true)', [name, value]);
      expect(await counts()).toEqual([1n, 1n, 1n, 1n, 2n]);
      await requests.query('COMMIT');
      expect(await counts()).toEqual([0n, 0n, 0n, 0n, 0n]);
      await expect(requests.query('SELECT * FROM directory.permission_table')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await requests.end();
    }
  });

  it('lets a request write the history in its own name only, and nobody change what is written', async () => {
    const requests = openPool({ url: urls.request, name: 'test', maxConnections: 1, statementTimeoutMs: 10_000 });
    const write = (actor: string) =>
      inTransaction(requests, callerSettings(caller()), (tx) =>
        tx.query(
          `INSERT INTO directory.change (entry_id, resource, event_time, actor, operation, reason)
           VALUES ($1, 'staff/1', now(), $2, 'test/Write', '')`,
          [newId(), actor],
        ),
      );
    try {
      await write(`staff/${adminId}`);
      for (const actor of [`staff/${newId()}`, 'services/directory', ''])
        await expect(write(actor)).rejects.toMatchObject({ code: '42501' });
      for (const statement of ["UPDATE directory.change SET reason = 'x'", 'DELETE FROM directory.change'])
        for (const pool of [requests, workers]) await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await requests.end();
    }
  });

  it("keeps one caller's stored replies from another", async () => {
    await workers.query(
      `INSERT INTO requests.request (caller, method, request_id, sealed_reply) VALUES ($1, 'm', 'mine', 'x'), ('staff/other', 'm', 'theirs', 'x')`,
      [`staff/${adminId}`],
    );
    const requests = openDatabase(openPool({ url: urls.request, name: 'test', maxConnections: 1, statementTimeoutMs: 10_000 }));
    const seen = async (settings: Record<string, string>) =>
      requests.inTransaction(settings, async (tx) => (await tx.query('SELECT request_id FROM requests.request')).rows);
    expect(await seen(callerSettings(caller()))).toEqual([{ request_id: 'mine' }]);
    expect(await seen({})).toEqual([]);
    expect(await seen({ 'bankcrm.staff_id': '' })).toEqual([]);
    await requests.close();
  });

  it('commits state, event and audit entry together or not at all, whichever statement is the last before a crash', async () => {
    const target = await insertMember('100010');
    let failures = 0;
    for (let allowed = 0; ; allowed += 1) {
      expect(allowed).toBeLessThan(60);
      const pool = crashingPool(urls.request, allowed);
      const deps = { database: openDatabase(pool), records: records(keys), clock, reconcileSoon: () => {} };
      const before = await everything();
      const outcome = await suspendStaff(deps)({ name: `staff/${target}`, reason: 'TEST', etag: '' }, call('test/Suspend')).then(
        () => 'done',
        () => 'failed',
      );
      await pool.end();
      const after = await everything();
      if (outcome === 'failed') {
        failures += 1;
        expect(after).toEqual(before);
        continue;
      }
      expect(after.staff.find(({ staff_id: id }) => id === target)).toMatchObject({ state: 'SUSPENDED', version: 2 });
      expect(after.account.find(({ staff_id: id }) => id === target)).toMatchObject({ wanted_version: 2 });
      const written = after.outbox.slice(before.outbox.length);
      expect(written.map(({ topic }) => topic)).toEqual(['bankcrm.directory.v1.staff', 'bankcrm.audit.v1.entries']);
      expect(StaffChanged.decode(written[0]!.payload)).toMatchObject({ staffId: target, state: 'SUSPENDED' });
      const entry = Entry.decode(written[1]!.payload);
      expect(entry).toMatchObject({
        actor: `staff/${adminId}`,
        operation: 'test/Suspend',
        resource: `staff/${target}`,
        reason: 'TEST',
        highPrivilege: true,
        fields: [{ name: 'state', dataClass: DataClass.C1 }],
      });
      const kept = after.change.slice(before.change.length);
      expect(kept).toMatchObject([
        { entry_id: entry.entryId, actor: entry.actor, operation: entry.operation, resource: entry.resource, reason: 'TEST' },
      ]);
      const facts = {
        staff_number: '100010',
        display_name: '张伟',
        email: '100010@bank.example',
        state: 'ACTIVE',
        posts: `rm orgUnits/${headOfficeId}`,
        position: '',
        grade: '',
        join_date: '',
        skills: '',
        leave_time: '',
      };
      const { old_value: oldValue, new_value: newValue } = kept[0]!;
      expect([oldValue, newValue].map((text) => JSON.parse(text))).toEqual([facts, { ...facts, state: 'SUSPENDED' }]);
      // What the audit log holds can be proved from what is kept here, with the key.
      const keyed = (text: string) => createHmac('sha256', Buffer.alloc(32, 7)).update(text).digest();
      expect([entry.oldValueHash, entry.newValueHash]).toEqual([keyed(oldValue), keyed(newValue)]);
      break;
    }
    // BEGIN, the caller, the lock, the revision, four reads, five writes, COMMIT: each was the last one once.
    expect(failures).toBeGreaterThanOrEqual(10);
  });

  it('creates a person, posts, account, stored reply, history, event and entry together or not at all', async () => {
    for (let allowed = 0; ; allowed += 1) {
      expect(allowed).toBeLessThan(60);
      const pool = crashingPool(urls.request, allowed);
      const deps = {
        database: openDatabase(pool),
        records: records(keys),
        clock,
        service: 'directory',
        sealer: {
          seal: (plain: Uint8Array) => Buffer.from(plain),
          open: (sealed: Uint8Array) => Buffer.from(sealed),
        },
        roleIds: new Set(['rm']),
        reconcile: { one: async () => true },
        temporaryPassword: () => 'Abc123',
      };
      const before = await everything();
      const posts = [{ orgUnit: `orgUnits/${headOfficeId}`, role: 'rm' }];
      const request = { staffNumber: '100020', displayName: '李娜', email: 'li@bank.example', posts, requestId: 'r1' };
      const outcome = await createStaff(deps)(request, call('test/Create')).then(
        () => 'done',
        () => 'failed',
      );
      await pool.end();
      const after = await everything();
      const grown = (['staff', 'post', 'account', 'requests', 'change', 'outbox'] as const).map(
        (name) => after[name].length - before[name].length,
      );
      // A crash after the commit leaves the person complete, and the next attempt finds the stored reply.
      if (grown.some((count) => count > 0)) expect(grown).toEqual([1, 1, 1, 1, 1, 2]);
      if (outcome === 'done') break;
    }
    const { rows } = await workers.query("SELECT count(*) AS n FROM directory.staff WHERE staff_number = '100020'");
    expect(rows[0].n).toBe(1n);
  });

  async function insertMember(staffNumber: string): Promise<string> {
    const deps = { database: openDatabase(workers), records: records(keys), clock };
    const staffId = newId<'staff'>();
    await deps.database.inTransaction({}, async (tx) => {
      const posts = [{ orgUnitId: headOfficeId as never, role: 'rm' }];
      const member = createStaffMember(
        { staffId, staffNumber, displayName: '张伟', email: `${staffNumber}@bank.example`, posts },
        await lockDirectory(tx),
        clock.now(),
      );
      await deps.records.insertStaff(tx, member, clock.now(), { call: call('test/Insert'), now: clock.now() });
    });
    return staffId;
  }

  async function everything() {
    const read = async (query: string) => (await workers.query(query)).rows;
    return {
      staff: await read('SELECT * FROM directory.staff ORDER BY staff_id'),
      post: await read('SELECT * FROM directory.post ORDER BY staff_id, ordinal'),
      account: await read('SELECT * FROM directory.account ORDER BY staff_id'),
      requests: await read('SELECT * FROM requests.request ORDER BY request_id'),
      change: await read('SELECT * FROM directory.change ORDER BY position'),
      outbox: await read('SELECT * FROM events.outbox ORDER BY position'),
    };
  }
});

/** A pool whose connection breaks at the statement after so many: what PostgreSQL sees when the process dies there. */
function crashingPool(url: string, allowed: number): pg.Pool {
  const pool = openPool({ url, name: 'test-crash', maxConnections: 1, statementTimeoutMs: 5_000 });
  let statements = 0;
  pool.on('connect', (client) => {
    client.on('error', () => {});
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query: (...args: unknown[]) => {
        statements += 1;
        if (statements > allowed)
          (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
        return query(...args);
      },
    });
  });
  return pool;
}

const types: Record<string, string> = {
  'String @db.Uuid': 'uuid',
  String: 'text',
  'String[]': 'text[]',
  Json: 'jsonb',
  Int: 'integer',
  'Int @db.SmallInt': 'smallint',
  BigInt: 'bigint',
  Boolean: 'boolean',
  'DateTime @db.Timestamptz(3)': 'timestamp(3) with time zone',
  'DateTime @db.Date': 'date',
};

/** Columns of a Prisma schema as PostgreSQL names their facts. */
function columnsOf(schema: string): Record<string, { type: string; nullable: boolean; key: boolean }> {
  const columns: Record<string, { type: string; nullable: boolean; key: boolean }> = {};
  for (const [, body] of schema.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)) {
    const table = /@@map\("(\w+)"\)/.exec(body!)![1]!;
    const keyFields = (/@@id\(\[([^\]]+)\]\)/.exec(body!)?.[1] ?? '').split(', ');
    for (const line of body!.split('\n')) {
      const [, field, scalar, optional, rest] =
        /^ {2}(\w+) +(String(?:\[\])?|Json|Int|BigInt|Boolean|DateTime)(\??)(.*)$/.exec(line) ?? [];
      if (!field) continue;
      const native = /@db\.[\w()]+/.exec(rest!)?.[0];
      const column = /@map\("(\w+)"\)/.exec(rest!.replace(/@(?:unique|id)\(map: "\w+"\)/, ''))?.[1] ?? field;
      const type = types[native ? `${scalar} ${native}` : scalar!]!;
      columns[`${table}.${column}`] = { type, nullable: optional === '?', key: /@id\b/.test(rest!) || keyFields.includes(field) };
    }
  }
  return columns;
}
