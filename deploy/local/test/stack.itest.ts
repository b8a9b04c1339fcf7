import { randomUUID } from 'node:crypto';
import { readManifests } from '@bankcrm/manifest';
import { eventually } from '@bankcrm/provision';
import { describe, expect, it } from 'vitest';
import { databasesOf, ensureTopics, inDatabase, keycloakAdmin, readStack } from '../src/index.ts';
import { askToken, claimsOf, kafka, makeUser, passwordGrant, query, withAdmin } from './support.ts';

const manifests = readManifests();
const right = 'Correct-horse-7-battery';
const wrong = 'Wrong-horse-7-battery';

// That of the run: nothing here stops or changes what others use.
const stack = readStack(process.env.BANKCRM_TEST_STACK);

const failures = async (id: string) => {
  const admin = await keycloakAdmin(stack);
  return admin<{ numFailures: number; disabled: boolean }>(`/bankcrm/attack-detection/brute-force/users/${id}`);
};
const unlock = async (id: string) => {
  const admin = await keycloakAdmin(stack);
  await admin(`/bankcrm/attack-detection/brute-force/users/${id}`, { method: 'DELETE' });
};
const atOnce = <T>(count: number, one: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => one(i)));

describe('lock-out', () => {
  it('locks at the fifth wrong password, not at the fourth, and refuses the right one with the same words', async () => {
    const id = await makeUser(stack, '200001', right);
    for (let i = 0; i < 4; i += 1) expect((await passwordGrant(stack, '200001', wrong)).status).toBe(400);
    expect((await passwordGrant(stack, '200001', right)).status).toBe(200);

    let refusal = await passwordGrant(stack, '200001', wrong);
    for (let i = 1; i < 5; i += 1) refusal = await passwordGrant(stack, '200001', wrong);
    expect(await passwordGrant(stack, '200001', right)).toEqual(refusal);
    expect(await failures(id)).toMatchObject({ numFailures: 5, disabled: true });
  });

  it('lets an administrator unlock at once', async () => {
    const id = await makeUser(stack, '200002', right);
    for (let i = 0; i < 5; i += 1) await passwordGrant(stack, '200002', wrong);
    expect((await passwordGrant(stack, '200002', right)).status).toBe(400);
    await unlock(id);
    expect((await passwordGrant(stack, '200002', right)).status).toBe(200);
  });

  it.each([5, 6, 20])('locks at exactly five when %i wrong passwords arrive at once', async (count) => {
    const username = String(210_000 + count);
    const id = await makeUser(stack, username, right);
    const replies = await atOnce(count, () => passwordGrant(stack, username, wrong));
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect(await failures(id)).toMatchObject({ numFailures: 5, disabled: true });
    expect((await passwordGrant(stack, username, right)).status).toBe(400);
  });

  it('does not lock when four wrong passwords arrive at once', async () => {
    const id = await makeUser(stack, '200004', right);
    await atOnce(4, () => passwordGrant(stack, '200004', wrong));
    expect(await failures(id)).toMatchObject({ numFailures: 4, disabled: false });
    expect((await passwordGrant(stack, '200004', right)).status).toBe(200);
  });

  it('tries no sixth password: the right one in a burst behind five wrong ones is refused', async () => {
    await makeUser(stack, '200005', right);
    const five = atOnce(5, () => passwordGrant(stack, '200005', wrong));
    await five;
    const burst = await atOnce(20, (i) => passwordGrant(stack, '200005', i === 10 ? right : wrong));
    expect(burst.filter((reply) => reply.status === 200)).toEqual([]);
  });

  it('signs one person in from several places at once', async () => {
    await makeUser(stack, '200006', right);
    const replies = await atOnce(8, () => passwordGrant(stack, '200006', right));
    expect(replies.map((reply) => reply.status)).toEqual(Array(8).fill(200));
  });
});

describe('the realm', () => {
  it('gives the password grant to no client but the one of the local overlay', async () => {
    const admin = await keycloakAdmin(stack);
    const clients = await admin<{ clientId: string; directAccessGrantsEnabled: boolean }[]>('/bankcrm/clients');
    expect(clients.filter((client) => client.directAccessGrantsEnabled).map((client) => client.clientId)).toEqual(['local-cli']);
    await makeUser(stack, '200010', right);
    for (const { clientId } of clients.filter((client) => client.clientId !== 'local-cli')) {
      const reply = await passwordGrant(stack, '200010', right, clientId);
      expect({ clientId, token: reply.body.access_token }).toEqual({ clientId, token: undefined });
    }
  });

  it('offers neither CIBA nor the device grant', async () => {
    const response = await fetch(`${stack.keycloak.issuer}/.well-known/openid-configuration`);
    const { grant_types_supported: grants } = (await response.json()) as { grant_types_supported: string[] };
    expect(grants.filter((grant) => /ciba|device/.test(grant))).toEqual([]);
  });

  it('names the person by staff number and the platform as audience, for five minutes, and carries nothing else of the person', async () => {
    await makeUser(stack, '200011', right);
    const claims = claimsOf((await passwordGrant(stack, '200011', right)).body.access_token);
    expect(claims).toMatchObject({ iss: stack.keycloak.issuer, aud: 'bankcrm', preferred_username: '200011' });
    expect((claims.exp as number) - (claims.iat as number)).toBe(300);
    expect(Object.keys(claims).filter((claim) => /name|mail|phone|role/.test(claim))).toEqual(['preferred_username']);
  });

  it.each([...manifests.filter(({ serves }) => serves === 'grpc').map(({ name }) => name), 'core-banking'])(
    'gives the service account %s a token that names it',
    async (clientId) => {
      const { clientSecret } = stack.clients[clientId] ?? { clientSecret: '' };
      const reply = await askToken(stack, { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret });
      const claims = claimsOf(reply.body.access_token);
      expect(claims).toMatchObject({ azp: clientId, client_id: clientId });
      expect([claims.aud].flat()).toContain('bankcrm');
    },
  );

  it('lets the directory administer users and nothing more', async () => {
    const { clientId, clientSecret } = stack.clients.directory ?? { clientId: '', clientSecret: '' };
    const { body } = await askToken(stack, {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    const status = async (path: string) => {
      const response = await fetch(`${stack.keycloak.baseUrl}/admin/realms/bankcrm${path}`, {
        headers: { authorization: `Bearer ${body.access_token}` },
      });
      return response.status;
    };
    expect(await status('/users?max=1')).toBe(200);
    expect(await status('/clients')).toBe(403);
    expect(await status('/events')).toBe(403);
  });

  it('sends the browser back with a code only when the portal proves it by PKCE (S256), and only to a registered address', async () => {
    const ask = async (extra: Record<string, string>) => {
      const query = new URLSearchParams({ client_id: 'portal', response_type: 'code', scope: 'openid', ...extra });
      const response = await fetch(`${stack.keycloak.issuer}/protocol/openid-connect/auth?${query}`, { redirect: 'manual' });
      return { status: response.status, location: response.headers.get('location') ?? '' };
    };
    const home = `${stack.gateway.docsUrl}/oauth2-redirect.html`;
    const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' };
    expect((await ask({ redirect_uri: home, ...challenge, code_challenge_method: 'S256' })).status).toBe(200);
    expect((await ask({ redirect_uri: home })).location).toContain('error=invalid_request');
    expect((await ask({ redirect_uri: home, ...challenge, code_challenge_method: 'plain' })).location).toContain(
      'error=invalid_request',
    );
    const elsewhere = await ask({ redirect_uri: 'http://localhost:1/', ...challenge, code_challenge_method: 'S256' });
    expect(elsewhere).toEqual({ status: 400, location: '' });
  });

  it('refuses a password that is too simple, and one that contains the staff number', async () => {
    await expect(makeUser(stack, '200012', 'Short-7')).rejects.toThrow(/400 to POST .*invalidPasswordMinLength/);
    await expect(makeUser(stack, '200013', 'Prefix-200013-suffix')).rejects.toThrow(/400 to POST .*ContainsUsername/);
  });

  it('mails a password reset to the mail sink', async () => {
    const id = await makeUser(stack, '200014', right);
    const admin = await keycloakAdmin(stack);
    await admin(`/bankcrm/users/${id}/execute-actions-email`, { method: 'PUT', body: ['UPDATE_PASSWORD'] });
    const mail = await eventually(
      async () => {
        const response = await fetch(`${stack.mail.url}/messages?to=u200014@bank.example`);
        return ((await response.json()) as { messages: { from: string; text: string }[] }).messages[0];
      },
      { timeoutMs: 10_000, what: 'the mail' },
    );
    expect(mail.from).toBe('no-reply@bankcrm.example');
    expect(mail.text).toContain(`${stack.keycloak.issuer}/login-actions/action-token`);
  });
});

describe('Kafka', () => {
  it('makes the topics of many at once, and changes nothing the second time', async () => {
    const { brokers } = stack.kafka;
    const prefixes = [randomUUID(), randomUUID(), randomUUID()];
    const ensure = (index: number) => ensureTopics({ brokers, profile: 'local', prefix: `${prefixes[index]}.` });
    for (const changes of await atOnce(3, ensure)) expect(changes).not.toEqual([]);
    for (const changes of await atOnce(3, ensure)) expect(changes).toEqual([]);
  });

  it('makes no topic that nobody declared', async () => {
    const producer = kafka(stack).producer({ retry: { retries: 2 } });
    await producer.connect();
    await expect(producer.send({ topic: 'corebanking.custommers.v1', messages: [{ value: 'x' }] })).rejects.toThrow(
      /not host|topic-partition|UNKNOWN/i,
    );
    await producer.disconnect();
    await withAdmin(stack, async (admin) => expect(await admin.listTopics()).not.toContain('corebanking.custommers.v1'));
  });
});

describe('databases', () => {
  const services = manifests.filter(({ database }) => database !== undefined).map(({ name }) => name);

  it('gives each service three roles, none of them a superuser or exempt from row-level security', async () => {
    const { rows } = await query(
      stack.postgres.superuserUrl,
      `select rolname from pg_roles where rolname ~ '^(${services.join('|')})_' and not rolsuper and not rolbypassrls and not rolcreaterole`,
    );
    expect(rows).toHaveLength(3 * services.length);
  });

  it("opens a service's database to its own roles only", async () => {
    for (const service of services) {
      const urls = databasesOf(stack, service);
      for (const url of [urls.owner, urls.request, urls.worker])
        expect((await query(url, 'select 1 as one')).rows).toEqual([{ one: 1 }]);
    }
    const foreign = inDatabase(databasesOf(stack, 'directory').request, 'bankcrm_customer');
    await expect(query(foreign, 'select 1')).rejects.toThrow(/permission denied/);
  });

  it('lets only the owner make tables', async () => {
    await query(databasesOf(stack, 'customer').owner, 'create table owner_made (id int); drop table owner_made');
    await expect(query(databasesOf(stack, 'customer').request, 'create table request_made (id int)')).rejects.toThrow(
      /permission denied/,
    );
  });
});
