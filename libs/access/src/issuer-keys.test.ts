import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keycloakTokenVerifier, type TokenVerifier } from './token-verifier.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('the identity provider', () => {
  let server: Server;
  let requests: number;
  let answer: RequestListener;
  let now: Date;
  let verifier: TokenVerifier;
  let issuer: string;

  beforeEach(async () => {
    requests = 0;
    now = new Date();
    server = createServer((req, res) => {
      requests += 1;
      answer(req, res);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/bankcrm`;
    verifier = keycloakTokenVerifier({ issuer, audience: 'bankcrm', clock: { now: () => now } });
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const tokenOf = (kid: string): string => {
    const seconds = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, aud: 'bankcrm', typ: 'Bearer', azp: 'portal', iat: seconds, exp: seconds + 300 };
    return `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode({ ...claims, preferred_username: '100001' })}.AAAA`;
  };
  const verify = (kid: string): Promise<unknown> =>
    verifier.verify(tokenOf(kid)).then(
      () => 'verified',
      ({ kind, reason }: { kind: string; reason: string }) => `${kind} ${reason}`,
    );
  const unreachable = 'UNAVAILABLE IDENTITY_PROVIDER_UNREACHABLE';

  it.each<[string, RequestListener]>([
    ['never answers', () => {}],
    ['stops in the middle of its keys', (_req, res) => void res.writeHead(200, { 'content-length': '1000' }).write('{"keys":[')],
  ])('that %s holds nobody for ever, and is asked once for all who wait', async (_what, frozen) => {
    answer = frozen;
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => verify(`made-up-${index}`)));
    expect(new Set(outcomes)).toEqual(new Set([unreachable]));
    expect(requests).toBe(1);
  });

  it.each<[string, RequestListener]>([
    ['shows a page instead of its keys', (_req, res) => void res.writeHead(200).end('<html>back soon</html>')],
    ['answers something else', (_req, res) => void res.writeHead(200).end('{"keys":7}')],
    ['has an error of its own', (_req, res) => void res.writeHead(500).end()],
    ['breaks the connection', (req) => void req.socket.destroy()],
  ])('that %s cannot be reached, which is no fault of the token', async (_what, broken) => {
    answer = broken;
    expect(await verify('k1')).toBe(unreachable);
  });

  it('is asked again a while after it failed, not with every token', async () => {
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    answer = (_req, res) => void res.writeHead(503).end();
    for (let count = 0; count < 5; count += 1) expect(await verify('k1')).toBe(unreachable);
    expect(requests).toBe(1);
    answer = (_req, res) => void res.end(JSON.stringify({ keys: [{ ...key, kid: 'k1' }] }));
    now = new Date(now.getTime() + 3_000);
    // The signature is nobody's: what counts is that the token is judged again.
    expect(await verify('k1')).toBe('UNAUTHENTICATED INVALID_TOKEN');
    expect(await verify('k2')).toBe('UNAUTHENTICATED INVALID_TOKEN');
    expect(requests).toBe(2);
  });
});
