import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testStack } from '@bankcrm/testing';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySteps, inDatabase, psqlScript, serviceDatabaseSteps, serviceRoleSteps, withClient } from '../src/database-steps.ts';

const { superuserUrl } = testStack().postgres;
const passwords = { owner: 'owner’s-7', request: 'request-7', worker: 'worker-7' };
const as = (user: string, password: string, database = 'postgres'): string => {
  const url = new URL(inDatabase(superuserUrl, database));
  url.username = user;
  url.password = encodeURIComponent(password);
  return url.href;
};
const administrator = as('ledger_dba', 'dba-7');
const query = (url: string, sql: string): Promise<pg.QueryResult['rows']> =>
  withClient(url, async (client) => (await client.query(sql)).rows);

/** Of a service that no test of the run has. */
const stepsOf = (service: string) => [...serviceRoleSteps(service, passwords), ...serviceDatabaseSteps({ name: service })];
const services = ['ledger', 'ledgerbyscript'];

async function forget(): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    for (const service of services) {
      await client.query(`DROP DATABASE IF EXISTS bankcrm_${service}`);
      await client.query(`DROP ROLE IF EXISTS ${service}_owner, ${service}_request, ${service}_worker`);
    }
    await client.query('DROP ROLE IF EXISTS ledger_dba');
  });
}
beforeAll(async () => {
  await forget();
  await query(superuserUrl, `CREATE ROLE ledger_dba LOGIN CREATEDB CREATEROLE PASSWORD 'dba-7'`);
});
afterAll(forget);

/** What an administrator who is no superuser has made. */
async function expectShape(service: string): Promise<void> {
  for (const role of ['owner', 'request', 'worker'] as const) {
    const url = as(`${service}_${role}`, passwords[role], `bankcrm_${service}`);
    const isOwner = role === 'owner';
    expect(await query(url, `SELECT has_schema_privilege('public', 'CREATE') AS creates`)).toEqual([{ creates: isOwner }]);
  }
  await expect(query(inDatabase(administrator, `bankcrm_${service}`), 'SELECT')).rejects.toThrow(
    /permission denied for database/,
  );
  const roles = `SELECT count(*)::int AS n FROM pg_roles WHERE rolname ~ '^${service}_(owner|request|worker)$'
    AND NOT (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication)`;
  expect(await query(superuserUrl, roles)).toEqual([{ n: 3 }]);
  const owner = as(`${service}_owner`, passwords.owner, `bankcrm_${service}`);
  await query(owner, `SET ROLE ${service}_worker`);
}

describe('the databases, made by a role that is no superuser', () => {
  it('are open to their roles alone; made again, they stay', async () => {
    const notices: string[] = [];
    for (let turn = 1; turn <= 2; turn += 1) await applySteps(administrator, stepsOf('ledger'), (text) => notices.push(text));
    await expectShape('ledger');
    expect(new Set(notices)).toEqual(
      new Set([
        'The database bankcrm_ledger has not the extension pg_stat_statements: a superuser has to make it (CREATE EXTENSION "pg_stat_statements").',
      ]),
    );
  });

  it('refuse a role that row-level security does not hold', async () => {
    await query(superuserUrl, 'ALTER ROLE ledger_request BYPASSRLS');
    await expect(applySteps(administrator, stepsOf('ledger'))).rejects.toThrow('role ledger_request is a superuser or bypasses');
    await query(superuserUrl, 'ALTER ROLE ledger_request NOBYPASSRLS');
    await applySteps(administrator, stepsOf('ledger'));
  });

  it('refuse to be made without an extension that the service needs', async () => {
    const steps = serviceDatabaseSteps({
      name: 'ledger',
      database: { connections: { request: 1, worker: 1 }, extensions: ['no_such'] },
    });
    await expect(applySteps(administrator, steps)).rejects.toThrow('The database bankcrm_ledger has not the extension no_such');
  });

  it('are the same by psql, and the script holds no password', async (context) => {
    const psql = await promisify(execFile)('psql', ['--version']).catch((error: NodeJS.ErrnoException) => error.code);
    if (psql === 'ENOENT') return context.skip('this machine has no psql');
    const folder = mkdtempSync(join(tmpdir(), 'bankcrm-psql-'));
    try {
      const script = psqlScript(stepsOf('ledgerbyscript'));
      for (const password of Object.values(passwords)) expect(script).not.toContain(password);
      writeFileSync(join(folder, 'databases.sql'), script);
      for (let turn = 1; turn <= 2; turn += 1)
        await promisify(execFile)('psql', ['--quiet', '--no-psqlrc', '--file', join(folder, 'databases.sql'), administrator]);
      await expectShape('ledgerbyscript');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
