import { keycloakAdmin } from '@bankcrm/local';
import { beforeAll, describe, expect, it } from 'vitest';
import { as, http, problem } from '../src/client.ts';
import { callService } from '../src/grpc.ts';
import { tokenOfService } from '../src/keycloak.ts';
import { people } from '../src/people.ts';
import { stack } from '../src/run.ts';
import { claimsOf, foreignKey, forged, tampered, unsigned } from '../src/tokens.ts';

const password = 'Correct-horse-7-battery';
const getMe = '/bankcrm.directory.v1.Staff/GetMe';
const countCustomers = '/bankcrm.customer.v1.Customers/CountCustomers';
const watchStaff = '/bankcrm.directory.v1.StaffFeed/WatchStaff';

let good: string;
/** Tokens that say what they say rightly, except for one thing. */
const bad = new Map<string, string>();

beforeAll(async () => {
  good = (await as(people.rm)).token;
  const key = foreignKey();
  const now = Math.floor(Date.now() / 1000);
  bad.set('none at all', '');
  bad.set('no token but text', 'abc.def.ghi');
  bad.set('unsigned', unsigned(good));
  bad.set('signed with another key', forged(good, key));
  bad.set('signed with another key and made out to somebody else', forged(good, key, { preferred_username: people.admin }));
  bad.set('changed under its signature', tampered(good, { preferred_username: people.admin }));
  bad.set('prolonged under its signature', tampered(good, { exp: now + 86_400 }));
  bad.set('for another audience', await tokenWithoutAudience());
  bad.set('from another issuer', await tokenOfAnotherRealm());
  bad.set('expired', await expiredToken());
});

/** Keycloak's own signature and issuer, but no audience: the shape of a token made for another system of the bank. */
async function tokenWithoutAudience(): Promise<string> {
  const admin = await keycloakAdmin(stack());
  const client = {
    clientId: 'another-system',
    publicClient: true,
    directAccessGrantsEnabled: true,
    defaultClientScopes: ['basic', 'profile'],
  };
  await admin('/bankcrm/clients', { method: 'POST', body: client }).catch(() => undefined);
  const token = await grant(stack().keycloak.tokenUrl, 'another-system', people.rm, passwordOf(people.rm));
  expect(claimsOf(token)).toMatchObject({ iss: stack().keycloak.issuer, preferred_username: people.rm });
  expect(claimsOf(token).aud).not.toBe('bankcrm');
  return token;
}

/** The same person by name, audience and all, vouched for by another realm of the same server. */
async function tokenOfAnotherRealm(): Promise<string> {
  const admin = await keycloakAdmin(stack());
  const name = `elsewhere-${process.pid}`;
  const audience = {
    name: 'audience',
    protocol: 'openid-connect',
    protocolMapper: 'oidc-audience-mapper',
    config: { 'included.custom.audience': 'bankcrm', 'access.token.claim': 'true' },
  };
  const realm = {
    realm: name,
    enabled: true,
    clients: [{ clientId: 'cli', publicClient: true, directAccessGrantsEnabled: true, protocolMappers: [audience] }],
    users: [
      {
        username: people.rm,
        enabled: true,
        email: 'x@bank.example',
        firstName: 'x',
        lastName: 'x',
        credentials: [{ type: 'password', value: password, temporary: false }],
      },
    ],
  };
  await admin('', { method: 'POST', body: realm });
  const url = stack().keycloak.tokenUrl.replace('/realms/bankcrm/', `/realms/${name}/`);
  const token = await grant(url, 'cli', people.rm, password);
  expect(claimsOf(token)).toMatchObject({ aud: expect.stringContaining('bankcrm'), preferred_username: people.rm });
  return token;
}

/** Really Keycloak's, and really over: a client whose tokens live one second. */
async function expiredToken(): Promise<string> {
  const admin = await keycloakAdmin(stack());
  const client = {
    clientId: 'short-lived',
    publicClient: true,
    directAccessGrantsEnabled: true,
    defaultClientScopes: ['basic', 'profile', 'bankcrm-audience'],
    attributes: { 'access.token.lifespan': '1' },
  };
  await admin('/bankcrm/clients', { method: 'POST', body: client }).catch(() => undefined);
  const token = await grant(stack().keycloak.tokenUrl, 'short-lived', people.rm, passwordOf(people.rm));
  expect(claimsOf(token)).toMatchObject({ aud: 'bankcrm', iss: stack().keycloak.issuer });
  const overMs = Number(claimsOf(token).exp) * 1000 - Date.now() + 50;
  await new Promise((resolve) => setTimeout(resolve, Math.max(overMs, 0)));
  return token;
}

const passwordOf = (staffNumber: string) => stack().staff.find((staff) => staff.staffNumber === staffNumber)!.password;

async function grant(url: string, clientId: string, username: string, word: string): Promise<string> {
  const form = { grant_type: 'password', client_id: clientId, username, password: word };
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), signal: AbortSignal.timeout(20_000) });
  const { access_token: token, ...rest } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token of ${clientId}: ${JSON.stringify(rest)}`);
  return token;
}

const names = [
  'none at all',
  'no token but text',
  'unsigned',
  'signed with another key',
  'signed with another key and made out to somebody else',
  'changed under its signature',
  'prolonged under its signature',
  'for another audience',
  'from another issuer',
  'expired',
];

describe('a token', () => {
  it('that is good is taken by the gateway and by each service', async () => {
    expect((await http('GET', '/v1/me', { headers: { authorization: `Bearer ${good}` } })).status).toBe(200);
    expect((await callService('directory', getMe, { token: good })).code).toBe('OK');
    expect((await callService('customer', countCustomers, { token: good })).code).toBe('OK');
  });

  it.each(names)('%s is refused by the gateway', async (name) => {
    const token = bad.get(name)!;
    const reply = await http('GET', '/v1/me', token === '' ? {} : { headers: { authorization: `Bearer ${token}` } });
    expect(problem(reply)).toMatchObject({ status: 401, reason: token === '' ? 'MISSING_TOKEN' : 'INVALID_TOKEN' });
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it.each(names)('%s is refused by each service, asked directly', async (name) => {
    const token = bad.get(name)!;
    for (const [service, path] of [['directory', getMe] as const, ['customer', countCustomers] as const]) {
      const { code, details } = await callService(service, path, token === '' ? {} : { token });
      expect({ service, code }, details).toEqual({ service, code: 'UNAUTHENTICATED' });
    }
  });
});

describe("a service's own identity", () => {
  it.each(['core-banking', 'customer', 'directory'])('%s sees no customer and no staff', async (name) => {
    const token = await tokenOfService(name);
    for (const [service, path] of [
      ['customer', countCustomers],
      ['customer', '/bankcrm.customer.v1.CoreBankingSync/ListSyncStates'],
      ['customer', '/bankcrm.customer.v1.Customers/StartService'],
      ['directory', '/bankcrm.directory.v1.Staff/ListStaff'],
      ['directory', '/bankcrm.directory.v1.Staff/CreateStaff'],
    ] as const)
      expect((await callService(service, path, { token })).code, `${name} ${path}`).toBe('PERMISSION_DENIED');
  });

  it('that the table gives nothing may not watch the staff, nor may a person', async () => {
    for (const token of [await tokenOfService('core-banking'), (await as(people.admin)).token])
      expect((await callService('directory', watchStaff, { token })).code).toBe('PERMISSION_DENIED');
  });
});
