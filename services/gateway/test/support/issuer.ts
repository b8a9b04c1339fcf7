import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Claims {
  iss?: string;
  aud?: string;
  exp?: number;
  iat?: number;
  preferred_username?: string;
  typ?: string;
  [claim: string]: unknown;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const rsaKey = (): { publicKey: KeyObject; privateKey: KeyObject } => generateKeyPairSync('rsa', { modulusLength: 2048 });

/** An identity provider as far as verifying tokens goes: keys at Keycloak's address, tokens signed with them, and forged ones. */
export async function startIssuer() {
  const key = rsaKey();
  const strangerKey = rsaKey();
  const jwk = { ...key.publicKey.export({ format: 'jwk' }), kid: 'test-key', use: 'sig', alg: 'RS256' };
  const server = createServer((req, res) => {
    const found = req.url === '/realms/bankcrm/protocol/openid-connect/certs';
    res.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: found ? [jwk] : [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/bankcrm`;

  const claimsOf = (claims: Claims): Claims => {
    const now = Math.floor(Date.now() / 1000);
    return { iss: issuer, aud: 'bankcrm', typ: 'Bearer', azp: 'portal', iat: now - 1, exp: now + 300, ...claims };
  };
  const signed = (
    claims: Claims,
    privateKey: KeyObject,
    header: object = { alg: 'RS256', typ: 'JWT', kid: 'test-key' },
  ): string => {
    const content = `${encode(header)}.${encode(claimsOf(claims))}`;
    return `${content}.${sign('RSA-SHA256', Buffer.from(content), privateKey).toString('base64url')}`;
  };
  return {
    issuer,
    token: (staffNumber = '100001', claims: Claims = {}) =>
      signed({ preferred_username: staffNumber, ...claims }, key.privateKey),
    tokenOfAnotherKey: () => signed({ preferred_username: '100001' }, strangerKey.privateKey),
    unsignedToken: () => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claimsOf({ preferred_username: '100001' }))}.`,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

export type Issuer = Awaited<ReturnType<typeof startIssuer>>;
