import { createHmac, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keycloakTokenVerifier, type TokenVerifier } from './token-verifier.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (date = new Date()): number => Math.floor(date.getTime() / 1000);

describe('a token', () => {
  const good = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let server: Server;
  let issuer: string;
  let verifier: TokenVerifier;
  let now = new Date();

  beforeAll(async () => {
    // The one endpoint of Keycloak that verifying needs: the realm's public keys.
    server = createServer((_req, res) => {
      const jwk = { ...good.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/bankcrm`;
    verifier = keycloakTokenVerifier({ issuer, audience: 'bankcrm', clock: { now: () => now } });
  });
  afterAll(() => server.close());

  const claims = (over: Record<string, unknown> = {}) => ({
    iss: issuer,
    aud: ['bankcrm'],
    typ: 'Bearer',
    azp: 'portal',
    iat: seconds(),
    exp: seconds() + 300,
    preferred_username: '100001',
    ...over,
  });
  const sign = (
    content: unknown,
    key: KeyObject = good.privateKey,
    header: Record<string, unknown> = { alg: 'RS256', kid: 'k1' },
  ) => {
    const text = `${encode({ typ: 'JWT', ...header })}.${encode(content)}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(key).toString('base64url')}`;
  };
  const refused = expect.objectContaining({ kind: 'UNAUTHENTICATED' });

  it('of a person names the staff number and when it was issued', async () => {
    const iat = seconds() - 10;
    expect(await verifier.verify(sign(claims({ iat })))).toMatchObject({
      kind: 'staff',
      staffNumber: '100001',
      issuedAt: new Date(iat * 1000),
    });
  });

  it('of a service account names the system', async () => {
    const token = sign(claims({ azp: 'customer', preferred_username: 'service-account-customer' }));
    expect(await verifier.verify(token)).toMatchObject({ kind: 'service', clientId: 'customer' });
  });

  it.each<[string, () => string]>([
    ['has expired', () => sign(claims({ exp: seconds() - 1 }))],
    ['never expires', () => sign(claims({ exp: undefined }))],
    ['does not say when it was issued', () => sign(claims({ iat: undefined }))],
    ['is not valid yet', () => sign(claims({ nbf: seconds() + 60 }))],
    ['is for another audience', () => sign(claims({ aud: ['other'] }))],
    ['is for no audience', () => sign(claims({ aud: undefined }))],
    ['is from another issuer', () => sign(claims({ iss: 'http://evil.example/realms/bankcrm' }))],
    ['is an identity or refresh token', () => sign(claims({ typ: 'Refresh' }))],
    ['is signed with another key under a known name', () => sign(claims(), other.privateKey)],
    ['is signed with an unknown key', () => sign(claims(), other.privateKey, { alg: 'RS256', kid: 'k2' })],
    ['is unsigned', () => `${encode({ alg: 'none', typ: 'JWT', kid: 'k1' })}.${encode(claims())}.`],
    [
      'keeps a signature of other content',
      () => sign(claims()).replace(/\.[^.]+\./, `.${encode(claims({ preferred_username: '100002' }))}.`),
    ],
    [
      'is signed with the public key as a shared secret',
      () => {
        const text = `${encode({ alg: 'HS256', typ: 'JWT', kid: 'k1' })}.${encode(claims())}`;
        const secret = good.publicKey.export({ type: 'spki', format: 'pem' });
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
      },
    ],
    ['is no token at all', () => 'abc'],
    ['is empty', () => ''],
    ['is enormous', () => sign(claims({ padding: 'x'.repeat(10_000) }))],
    ['names neither staff nor a system', () => sign(claims({ preferred_username: 'root' }))],
    [
      "is a person's who is called like another system's account",
      () => sign(claims({ preferred_username: 'service-account-customer' })),
    ],
  ])('is refused when it %s', async (_what, make) => {
    await expect(verifier.verify(make())).rejects.toThrow(refused);
  });

  it('that was good is refused from the second it expires, although it is remembered', async () => {
    const token = sign(claims({ exp: seconds() + 60 }));
    await verifier.verify(token);
    now = new Date((seconds() + 60) * 1000);
    await expect(verifier.verify(token)).rejects.toThrow(refused);
    now = new Date();
  });
});
