import { inDatabase, placeOf } from '@bankcrm/local';
import pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { customerByNumber, getCustomer } from '../src/api.ts';
import { as, type Person, problem } from '../src/client.ts';
import { customerMessage, managerOfOthers, newCustomer } from '../src/core-bank.ts';
import { send, untilApplied } from '../src/kafka.ts';
import { people } from '../src/people.ts';
import { end, freezeKeycloak, start, thawKeycloak } from '../src/processes-client.ts';
import { stack } from '../src/run.ts';

let rm: Person;
let admin: Person;
let name: string;
let field: string;

beforeAll(async () => {
  [rm, admin] = await Promise.all([as(managerOfOthers), as(people.admin)]);
  const snapshot = newCustomer();
  await send([customerMessage(snapshot)]);
  await untilApplied();
  ({ name } = await customerByNumber(rm, snapshot.sourceId));
  field = (await getCustomer(rm, name)).identifiers[0]!.field;
});

const reveal = () => rm.post(`/v1/${name}:reveal`, { fields: [field], reasonCode: 'CALL_CUSTOMER' });

const discovery = (limitMs: number) =>
  fetch(`${stack().keycloak.issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(limitMs) });

describe('while Keycloak does not answer', () => {
  beforeEach(async () => {
    await freezeKeycloak();
    await expect(discovery(500)).rejects.toThrow();
  });
  afterEach(async () => {
    await thawKeycloak();
    const ready = () =>
      fetch(`${stack().keycloak.issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(2_000) });
    await vi.waitFor(async () => expect((await ready()).ok).toBe(true), { timeout: 20_000 });
  });

  it('people whose tokens are valid go on working, in the gateway and in every service', async () => {
    for (const path of ['/v1/customers', `/v1/${name}:view360`, `/v1/${name}/transactions`])
      expect((await rm.get(path)).status, path).toBe(200);
    expect((await rm.post('/v1/customers:search', { query: '张伟' })).status).toBe(200);
    expect((await rm.post(`/v1/${name}/interactions`, { kind: 'call', direction: 'inbound', summary: '来电' })).status).toBe(200);
    expect((await reveal()).status).toBe(200);
    expect((await rm.get('/v1/me')).status).toBe(200);
    expect((await admin.get('/v1/staff')).status).toBe(200);
    for (const { healthUrl } of Object.values(stack().services)) expect((await fetch(`${healthUrl}/readyz`)).status).toBe(200);
  });

  it('what only Keycloak can do is refused in time and says so', async () => {
    const { staff } = JSON.parse((await admin.get('/v1/staff', { filter: `staff_number = "${people.operator}"` })).text) as {
      staff: { name: string }[];
    };
    const began = performance.now();
    const reply = await admin.post(`/v1/${staff[0]!.name}:unlock`);
    expect([503, 504]).toContain(problem(reply).status);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe('while the directory is down', () => {
  const silence = { DIRECTORY_SILENCE_HIGH_PRIVILEGE_MS: '3000', DIRECTORY_SILENCE_EVERYTHING_MS: '8000' };
  afterEach(async () => {
    await start('directory');
    await start('customer');
  });

  it('reads go on for the stated time, reveals are refused first, then everything; and all is well when it is back', async () => {
    await start('customer', silence);
    await end('directory', 'SIGKILL');
    const began = performance.now();
    const timeOf = async (reached: () => Promise<void>, limitMs: number) => {
      await vi.waitFor(reached, { timeout: limitMs, interval: 50 });
      return performance.now() - began;
    };
    const silent = { status: 503, reason: 'DIRECTORY_SILENT' };

    expect((await rm.get(`/v1/${name}:view360`)).status).toBe(200);
    expect((await reveal()).status, 'at once').toBe(200);
    const reveals = await timeOf(async () => expect(problem(await reveal())).toMatchObject(silent), 8_000);
    expect((await rm.get(`/v1/${name}:view360`)).status, 'reads, when reveals are refused').toBe(200);
    const everything = await timeOf(
      async () => expect(problem(await rm.get(`/v1/${name}:view360`))).toMatchObject(silent),
      15_000,
    );
    // The silence began with the last heartbeat, up to a second before the end of the directory.
    expect(reveals).toBeGreaterThan(1_500);
    expect(everything).toBeGreaterThan(6_500);
    expect(everything - reveals).toBeGreaterThan(3_500);

    await start('directory');
    await vi.waitFor(async () => expect((await reveal()).status).toBe(200), { timeout: 15_000 });
  });
});

describe('while the customer service cannot reach its database', () => {
  const superuser = async (...statements: string[]) => {
    const client = new pg.Client({ connectionString: inDatabase(stack().postgres.superuserUrl, 'bankcrm_customer') });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };
  const letIn = () => superuser('ALTER ROLE customer_worker LOGIN');
  afterEach(letIn);

  const health = async (path: string) => (await fetch(`${placeOf(stack(), 'customer').healthUrl}/${path}`)).text();
  const works = async (part: string) =>
    new RegExp(`^bankcrm_healthy\\{.*part="${part}".*\\} ([01])\\b`, 'm').exec(await health('metrics'))?.[1];
  const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 100 });

  it('it is not ready and says which part fails, and is again by itself', async () => {
    const isReady = async () => expect(JSON.parse(await health('readyz'))).toEqual({ state: 'ready', failing: [] });
    await until(isReady);
    await until(async () => expect([await works('stream'), await works('outbox')]).toEqual(['1', '1']));
    await superuser(
      'ALTER ROLE customer_worker NOLOGIN',
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'customer_worker'",
    );
    await until(async () => expect(JSON.parse(await health('readyz'))).toEqual({ state: 'not ready', failing: ['database'] }));
    await until(async () => expect(await works('outbox')).toBe('0'));
    await letIn();
    await until(isReady);
    await until(async () => expect([await works('stream'), await works('outbox')]).toEqual(['1', '1']));
  });
});
