import { readFileSync } from 'node:fs';
import { keycloakAdmin } from '@bankcrm/local';
import { registry } from '@bankcrm/proto/descriptors';
import { getExtension } from '@bufbuild/protobuf';
import type { GenExtension } from '@bufbuild/protobuf/codegenv2';
import type { MethodOptions } from '@bufbuild/protobuf/wkt';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { as, http, problem } from '../src/client.ts';
import { callService } from '../src/grpc.ts';
import { tokenOfService } from '../src/keycloak.ts';
import { people } from '../src/people.ts';
import { stack } from '../src/run.ts';
import { permissionsOfServices, servicesWithCalls } from '../src/services.ts';
import { claimsOf, foreignKey, forged, tampered, unsigned } from '../src/tokens.ts';

const password = 'Correct-horse-7-battery';
const getMe = '/bankcrm.directory.v1.Staff/GetMe';
const countCustomers = '/bankcrm.customer.v1.Customers/CountCustomers';
const watchStaff = '/bankcrm.directory.v1.StaffFeed/WatchStaff';

type Policy = { permission: string };
const policy = registry.getExtension('bankcrm.options.v1.policy') as unknown as GenExtension<MethodOptions, Policy>;
/** Every method there is, with the permission that its proto asks for. */
const methods = [...registry]
  .flatMap((type) => (type.kind === 'service' && type.typeName.startsWith('bankcrm.') ? type.methods : []))
  .map(({ name, parent: { typeName }, proto }) => ({
    service: typeName.split('.')[1]!,
    path: `/${typeName}/${name}`,
    permission: getExtension(proto.options!, policy).permission,
  }));
/** The reviewed table's rows of systems, read as the data it is. */
const { systems: outside } = parse(readFileSync(new URL('../../../libs/access/permissions.yaml', import.meta.url), 'utf8')) as {
  systems: Record<string, { permissions: string[] }>;
};
const systems: Record<string, readonly string[]> = {
  ...Object.fromEntries(permissionsOfServices),
  ...Object.fromEntries(Object.entries(outside).map(([name, { permissions }]) => [name, permissions])),
};

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

/** In the realm, with the audience and a good signature, but in no row of the table. */
async function tokenOfUnknownSystem(): Promise<string> {
  const admin = await keycloakAdmin(stack());
  const [clientId, clientSecret] = ['unlisted', 'a secret of this test'];
  const client = {
    clientId,
    secret: clientSecret,
    serviceAccountsEnabled: true,
    standardFlowEnabled: false,
    defaultClientScopes: ['basic', 'profile', 'service_account', 'bankcrm-audience'],
  };
  await admin('/bankcrm/clients', { method: 'POST', body: client }).catch(() => undefined);
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const response = await fetch(stack().keycloak.tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = (await response.json()) as { access_token: string };
  expect(claimsOf(token)).toMatchObject({ aud: 'bankcrm', preferred_username: `service-account-${clientId}` });
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
    for (const asked of servicesWithCalls) {
      const { service, path } = methods.find((method) => method.service === asked && method.permission !== '')!;
      const { code, details } = await callService(service, path, token === '' ? {} : { token });
      expect({ service, code }, details).toEqual({ service, code: 'UNAUTHENTICATED' });
    }
  });
});

describe("a system's own identity", () => {
  const askTheDoor = async (token: string) => {
    const answers = new Map<string, string>();
    for (const { service, path } of methods) {
      const { code, details } = await callService(service, path, { token });
      answers.set(path, `${code} ${details}`.trim());
    }
    return answers;
  };
  const refusals = (reason: string, given: readonly string[] = []) =>
    new Map(methods.map(({ path, permission }) => [path, given.includes(permission) ? 'OK' : `PERMISSION_DENIED ${reason}`]));

  it('is held against every method of every service', () => {
    expect(new Set(methods.map(({ service }) => service))).toEqual(new Set(servicesWithCalls));
    expect(methods.length).toBeGreaterThan(40);
    expect(Object.keys(systems)).toEqual(expect.arrayContaining([...permissionsOfServices.keys(), 'core-banking']));
  });

  it.each(Object.entries(systems).filter(([name]) => name !== 'gateway'))(
    '%s can do what its row in the permission table says, and nothing else',
    async (name, given) => {
      expect(await askTheDoor(await tokenOfService(name))).toEqual(refusals('PERMISSION_MISSING', given));
    },
  );

  it('that the table does not know can do nothing', async () => {
    expect(await askTheDoor(await tokenOfUnknownSystem())).toEqual(refusals('UNKNOWN_SERVICE'));
  });

  it('of the gateway does not exist: it receives tokens and asks for none', async () => {
    expect(await tokenOfService('gateway')).toBeUndefined();
  });

  it('is nothing that a person has, whatever the role', async () => {
    const { token } = await as(people.admin);
    expect(await callService('directory', watchStaff, { token })).toMatchObject({
      code: 'PERMISSION_DENIED',
      details: 'SERVICE_ONLY',
    });
  });
});
