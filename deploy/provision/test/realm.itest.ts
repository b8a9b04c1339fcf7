import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '@bankcrm/manifest';
import { testStack } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureRealm, type Realm } from '../src/ensure-realm.ts';
import { type KeycloakAdmin, keycloakAdmin } from '../src/keycloak-admin.ts';
import { fillPlaceholders } from '../src/placeholders.ts';
import { realmFile, secretClients } from '../src/realm-file.ts';

const { keycloak } = testStack();
/** Beside the one that the other tests of the run use. */
const realm = `realm-${randomUUID()}`;
const values = {
  PORTAL_URL: 'https://crm.bank.example',
  SMTP_HOST: '127.0.0.1',
  SMTP_FROM: 'no-reply@bank.example',
  ...Object.fromEntries(secretClients().map(({ variable }) => [variable, `secret of ${variable}`])),
};
const wanted = { ...fillPlaceholders(JSON.parse(readFileSync(realmFile, 'utf8')) as Realm, values, 'the realm'), realm };

interface Client {
  id: string;
  secret?: string;
  [setting: string]: unknown;
}

let admin: KeycloakAdmin;
beforeAll(async () => {
  admin = await keycloakAdmin({ keycloak });
});
afterAll(() => admin(`/${realm}`, { method: 'DELETE' }));

const bring = () => ensureRealm(admin, wanted);
const clientOf = async (clientId: string): Promise<Client> =>
  (await admin<Client[]>(`/${realm}/clients?clientId=${clientId}`))[0]!;
const change = async (clientId: string, settings: object): Promise<void> => {
  const client = await clientOf(clientId);
  await admin(`/${realm}/clients/${client.id}`, { method: 'PUT', body: { ...client, ...settings } });
};
const token = (grant: Record<string, string>): Promise<Response> =>
  fetch(`${keycloak.baseUrl}/realms/${realm}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(grant),
  });

describe('the realm', () => {
  it('is made once, and then there is nothing to change', async () => {
    expect(await ensureRealm(admin, wanted, { dryRun: true })).toEqual([`realm ${realm}: made`]);
    expect(await bring()).toEqual([`realm ${realm}: made`]);
    expect(await bring()).toEqual([]);
    const grant = {
      grant_type: 'client_credentials',
      client_id: 'core-banking',
      client_secret: 'secret of CORE_BANKING_CLIENT_SECRET',
    };
    expect((await token(grant)).status).toBe(200);
  });

  it('gets back what somebody changed of what is shipped, and a dry run only says so', async () => {
    await admin(`/${realm}`, { method: 'PUT', body: { failureFactor: 30, accessTokenLifespan: 3_600 } });
    await change('customer', { secret: 'another', directAccessGrantsEnabled: true });
    await admin(`/${realm}/localization/en`, { method: 'POST', body: { username: 'Login' } });
    const scopes = await admin<{ id: string; name: string; protocolMappers: { id: string; config: object }[] }[]>(
      `/${realm}/client-scopes`,
    );
    const scope = (name: string) => scopes.find((one) => one.name === name)!;
    const [mapper] = scope('bankcrm-audience').protocolMappers;
    const mapperPath = `/${realm}/client-scopes/${scope('bankcrm-audience').id}/protocol-mappers/models/${mapper!.id}`;
    await admin(mapperPath, {
      method: 'PUT',
      body: { ...mapper, config: { ...mapper!.config, 'included.custom.audience': 'x' } },
    });
    const customer = await clientOf('customer');
    await admin(`/${realm}/clients/${customer.id}/default-client-scopes/${scope('roles').id}`, { method: 'PUT' });
    await admin(`/${realm}/clients/${customer.id}/default-client-scopes/${scope('profile').id}`, { method: 'DELETE' });
    const directory = await clientOf('directory');
    const account = await admin<{ id: string }>(`/${realm}/clients/${directory.id}/service-account-user`);
    const management = await clientOf('realm-management');
    const rolesPath = `/${realm}/users/${account.id}/role-mappings/clients/${management.id}`;
    const more = await admin<{ name: string }[]>(`${rolesPath}/available`);
    await admin(rolesPath, { method: 'POST', body: more.filter(({ name }) => name === 'manage-clients') });
    const roles = await admin<{ name: string }[]>(rolesPath);
    await admin(rolesPath, { method: 'DELETE', body: roles.filter(({ name }) => name === 'view-users') });

    const changes = [
      `realm ${realm}: failureFactor, accessTokenLifespan`,
      'texts of en: username',
      'client scope bankcrm-audience, mapper audience bankcrm: config',
      'client customer: directAccessGrantsEnabled, secret',
      'client customer: default-client-scopes without roles',
      'client customer: default-client-scopes with profile',
      'service account of directory: without manage-clients of realm-management',
      'service account of directory: with view-users of realm-management',
    ];
    expect(await ensureRealm(admin, wanted, { dryRun: true })).toEqual(changes);
    expect(await bring()).toEqual(changes);
    expect(await bring()).toEqual([]);
    expect((await clientOf('customer')).secret).toBe('secret of CUSTOMER_CLIENT_SECRET');
  });

  it('keeps what is the bank’s own, and its sessions', async () => {
    await admin(`/${realm}/clients`, {
      method: 'POST',
      body: { clientId: 'payroll', secret: 'theirs', directAccessGrantsEnabled: true },
    });
    await admin(`/${realm}/roles`, { method: 'POST', body: { name: 'payroll-clerk' } });
    await admin(`/${realm}`, { method: 'PUT', body: { displayNameHtml: '<b>Bank</b>' } });
    await admin(`/${realm}/localization/en`, { method: 'POST', body: { doLogIn: 'Enter' } });
    const profile = await admin<{ attributes: object[] }>(`/${realm}/users/profile`);
    const attributes = [...profile.attributes, { name: 'floor', permissions: { view: ['admin'], edit: ['admin'] } }];
    await admin(`/${realm}/users/profile`, { method: 'PUT', body: { ...profile, attributes } });
    const password = 'Correct-horse-7-battery';
    const credentials = [{ type: 'password', value: password, temporary: false }];
    await admin(`/${realm}/users`, {
      method: 'POST',
      body: { username: '300001', enabled: true, email: 'a@bank.example', firstName: 'A', lastName: 'B', credentials },
    });
    const session = await token({
      grant_type: 'password',
      client_id: 'payroll',
      client_secret: 'theirs',
      username: '300001',
      password,
    });
    const { refresh_token } = (await session.json()) as { refresh_token: string };

    await change('portal', { redirectUris: ['https://elsewhere.example/*'] });
    expect(await bring()).toEqual(['client portal: redirectUris']);

    expect(await admin(`/${realm}/roles/payroll-clerk`)).toMatchObject({ name: 'payroll-clerk' });
    expect(await admin(`/${realm}`)).toMatchObject({ displayNameHtml: '<b>Bank</b>' });
    expect(await admin(`/${realm}/localization/en`)).toMatchObject({ doLogIn: 'Enter', username: 'Staff number' });
    expect((await admin<{ attributes: { name: string }[] }>(`/${realm}/users/profile`)).attributes.at(-1)!.name).toBe('floor');
    const grant = { grant_type: 'refresh_token', client_id: 'payroll', client_secret: 'theirs', refresh_token };
    expect((await token(grant)).status).toBe(200);
  });

  it('gets the clients of a newer version', async () => {
    const clients = [...wanted.clients!, { ...wanted.clients!.at(-1)!, clientId: 'ticketing', secret: 'new' }];
    expect(await ensureRealm(admin, { ...wanted, clients })).toEqual(['client ticketing: made']);
    expect(await ensureRealm(admin, { ...wanted, clients })).toEqual([]);
  });
});

it('the command says in one line what it was not told, and nothing of what it was', async () => {
  const run = (env: Record<string, string>): Promise<string> =>
    promisify(execFile)(process.execPath, [join(repositoryRoot, 'deploy/provision/src/main.ts'), 'realm'], {
      env: { PATH: process.env.PATH, ...values, KEYCLOAK_URL: keycloak.baseUrl, ...env },
    }).then(
      () => 'done',
      ({ stderr }: { stderr: string }) => stderr,
    );
  expect(await run({ SMTP_HOST: '', SMTP_FROM: '' })).toBe('Set SMTP_HOST, SMTP_FROM: the realm needs them.\n');
  expect(await run({})).toMatch(/^Set KEYCLOAK_ADMIN_USERNAME and KEYCLOAK_ADMIN_PASSWORD, or [^\n]+\n$/);
  const wrong = { KEYCLOAK_ADMIN_USERNAME: 'admin', KEYCLOAK_ADMIN_PASSWORD: 'wr0ng' };
  expect(await run(wrong)).toBe(`Keycloak at ${keycloak.baseUrl} refuses its administrator (400).\n`);
});
