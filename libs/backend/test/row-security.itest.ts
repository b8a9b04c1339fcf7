import { randomBytes } from 'node:crypto';
import { migrateRequests, openPool } from '@bankcrm/database';
import { migrateEvents } from '@bankcrm/events';
import { inDatabase } from '@bankcrm/local';
import { eventually, suiteDatabase, testStack } from '@bankcrm/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { watchRowSecurity } from '../src/row-security.ts';

/** Roles are of the whole server, which other files use at the same time: these are this file's own. */
const own = (role: string): string => `sight_${role}_${suffix}`;
const suffix = randomBytes(4).toString('hex');
const roles = { owner: own('owner'), request: own('request'), worker: own('worker'), bypassing: own('bypassing') };

describe('row-level security that no longer holds', () => {
  let superuser: pg.Client;
  let requests: pg.Pool;
  let workers: pg.Pool;
  let loops: NodeJS.Timeout[] = [];
  let errors: { fields: { faults: string[] }; message: string }[] = [];

  beforeAll(async () => {
    const stack = testStack();
    const urls = await suiteDatabase('directory');
    const database = new URL(urls.owner).pathname.slice(1);
    const url = inDatabase(stack.postgres.superuserUrl, database);
    superuser = new pg.Client({ connectionString: url });
    await superuser.connect();
    for (const role of [roles.owner, roles.request, roles.worker]) await sql(`CREATE ROLE ${role} LOGIN PASSWORD 'of this test'`);
    await sql(
      `CREATE ROLE ${roles.bypassing} BYPASSRLS`,
      `GRANT CONNECT ON DATABASE ${database} TO ${roles.request}, ${roles.worker}`,
    );
    const as = (role: string): string => Object.assign(new URL(url), { username: role, password: 'of this test' }).href;
    const users = { ownerUrl: urls.owner, requestRole: roles.request, workerRole: roles.worker };
    await migrateEvents(users);
    await migrateRequests(users);
    await sql(
      `CREATE SCHEMA sight AUTHORIZATION ${roles.owner}`,
      `CREATE TABLE sight.entry (staff_id text)`,
      `ALTER TABLE sight.entry OWNER TO ${roles.owner}`,
      `ALTER TABLE sight.entry ENABLE ROW LEVEL SECURITY`,
      `ALTER TABLE sight.entry FORCE ROW LEVEL SECURITY`,
      `CREATE POLICY worker ON sight.entry TO ${roles.worker} USING (true)`,
      `CREATE POLICY own ON sight.entry TO ${roles.request} USING (staff_id = (SELECT current_setting('bankcrm.staff_id', true)))`,
      `CREATE POLICY kept ON sight.entry AS RESTRICTIVE FOR DELETE USING (staff_id <> '')`,
      `GRANT USAGE ON SCHEMA sight TO ${roles.request}, ${roles.worker}`,
      `GRANT SELECT ON sight.entry TO ${roles.request}, ${roles.worker}`,
    );
    requests = openPool({ url: as(roles.request), name: 'test', maxConnections: 2, statementTimeoutMs: 5_000 });
    workers = openPool({ url: as(roles.worker), name: 'test', maxConnections: 2, statementTimeoutMs: 5_000 });
  });
  afterAll(async () => {
    for (const loop of loops) clearInterval(loop);
    await Promise.all([requests?.end(), workers?.end()]);
    await sql('DROP SCHEMA IF EXISTS sight, events, requests CASCADE');
    for (const role of Object.values(roles)) await sql(`DROP OWNED BY ${role}`, `DROP ROLE ${role}`);
    await superuser?.end();
  });
  beforeEach(() => {
    errors = [];
  });

  const sql = async (...statements: string[]): Promise<void> => {
    for (const statement of statements) await superuser.query(statement);
  };
  async function watch() {
    for (const loop of loops) clearInterval(loop);
    loops = [];
    return watchRowSecurity({
      schema: 'sight',
      requests,
      workers,
      everyMs: 50,
      log: {
        error: (fields: unknown, message: string) => void errors.push({ fields: fields as { faults: string[] }, message }),
        info: () => {},
      } as never,
      repeat(_name, everyMs, work) {
        loops.push(setInterval(() => void work(), everyMs));
        return undefined as never;
      },
    });
  }
  const faults = (): string => errors.flatMap(({ fields }) => fields.faults).join('; ');

  it('is nothing to tell of while everything is as the migrations made it', async () => {
    const { holds, unchanged } = await watch();
    expect([holds(), unchanged(), errors]).toEqual([true, true, []]);
  });

  const table = 'sight.entry';
  const { request, worker, owner, bypassing } = roles;
  const everything = `CREATE POLICY everything ON ${table} TO ${request} USING`;
  it.each([
    [
      'a table has it disabled',
      `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`,
      `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
      table,
    ],
    [
      'a table does not force it',
      `ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`,
      `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
      table,
    ],
    [
      'a table of the libraries has it disabled',
      'ALTER TABLE events.dead_letter DISABLE ROW LEVEL SECURITY',
      'ALTER TABLE events.dead_letter ENABLE ROW LEVEL SECURITY',
      'events.dead_letter',
    ],
    ['a table was made without it', `CREATE TABLE sight.copy AS TABLE ${table}`, 'DROP TABLE sight.copy', 'sight.copy'],
    [
      'rows stand in a materialised view',
      `CREATE MATERIALIZED VIEW sight.copy AS TABLE ${table}`,
      'DROP MATERIALIZED VIEW sight.copy',
      'sight.copy',
    ],
    ['a policy shows requests every row', `${everything} (true)`, `DROP POLICY everything ON ${table}`, `everything of ${table}`],
    [
      'a policy shows them in other words',
      `${everything} (1 = 1)`,
      `DROP POLICY everything ON ${table}`,
      `everything of ${table}`,
    ],
    [
      'a policy shows everybody every row',
      `CREATE POLICY everything ON ${table} USING (true)`,
      `DROP POLICY everything ON ${table}`,
      table,
    ],
    [
      'a policy was widened',
      `ALTER POLICY own ON ${table} USING (true)`,
      `ALTER POLICY own ON ${table} USING (staff_id = (SELECT current_setting('bankcrm.staff_id', true)))`,
      `own of ${table}`,
    ],
    ['the request role bypasses it', `ALTER ROLE ${request} BYPASSRLS`, `ALTER ROLE ${request} NOBYPASSRLS`, request],
    ['the worker role bypasses it', `ALTER ROLE ${worker} BYPASSRLS`, `ALTER ROLE ${worker} NOBYPASSRLS`, worker],
    ['the request role is a superuser', `ALTER ROLE ${request} SUPERUSER`, `ALTER ROLE ${request} NOSUPERUSER`, request],
    [
      'the request role joins one that bypasses it',
      `GRANT ${bypassing} TO ${request}`,
      `REVOKE ${bypassing} FROM ${request}`,
      bypassing,
    ],
    [
      'it joins one only to become it by SET ROLE',
      `GRANT ${bypassing} TO ${request} WITH INHERIT FALSE, SET TRUE`,
      `REVOKE ${bypassing} FROM ${request}`,
      bypassing,
    ],
    ['the request role joins the owner', `GRANT ${owner} TO ${request}`, `REVOKE ${owner} FROM ${request}`, owner],
    [
      'the request role joins the worker',
      `GRANT ${worker} TO ${request}`,
      `REVOKE ${worker} FROM ${request}`,
      `worker of ${table}`,
    ],
    [
      'the request role owns a table',
      `ALTER TABLE ${table} OWNER TO ${request}`,
      `ALTER TABLE ${table} OWNER TO ${owner}`,
      `table ${table}`,
    ],
    [
      'the request role owns the schema',
      `ALTER SCHEMA sight OWNER TO ${request}`,
      `ALTER SCHEMA sight OWNER TO ${owner}`,
      'schema sight',
    ],
  ])('is noticed when %s, and again when that is mended', async (_, open, mend, named) => {
    const { holds, unchanged } = await watch();
    expect(holds()).toBe(true);
    await sql(open);
    try {
      await eventually(() => expect(holds()).toBe(false));
      expect(faults()).toContain(named);
    } finally {
      await sql(mend);
    }
    await eventually(() => expect([holds(), unchanged()]).toEqual([true, true]));
  });

  it.each([
    [
      'a policy asks less of the caller',
      `ALTER POLICY own ON ${table} USING (current_setting('bankcrm.staff_id', true) <> '')`,
      `ALTER POLICY own ON ${table} USING (staff_id = (SELECT current_setting('bankcrm.staff_id', true)))`,
      `own of ${table}`,
    ],
    [
      'a restricting policy went',
      `DROP POLICY kept ON ${table}`,
      `CREATE POLICY kept ON ${table} AS RESTRICTIVE FOR DELETE USING (staff_id <> '')`,
      `kept of ${table}`,
    ],
  ])('in part is told, and ends no readiness, when %s', async (_, change, mend, named) => {
    const { holds, unchanged } = await watch();
    await sql(change);
    try {
      await eventually(() => expect(unchanged()).toBe(false));
      expect([holds(), faults()]).toEqual([true, named]);
    } finally {
      await sql(mend);
    }
    await eventually(() => expect(unchanged()).toBe(true));
  });

  it('is noticed at the start, too', async () => {
    await sql(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
    const { holds } = await watch();
    await sql(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
    expect([holds(), faults()]).toEqual([false, `${table} does not force row-level security`]);
    await eventually(() => expect(holds()).toBe(true));
  });
});
