import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from '@bankcrm/testing';
import { openAuthority } from '@bankcrm/testing/certificates.ts';
import { expect, it } from 'vitest';
import { startBackend } from './support/backend.ts';
import { startIssuer } from './support/issuer.ts';
import { startProcess } from './support/process.ts';

const httpPort = await freePort();
const healthPort = await freePort();
const customer = '/v1/customers/0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40';

it('with certificates the gateway serves HTTPS alone, within the same limits, and speaks mutual TLS to the services', async () => {
  const authority = openAuthority();
  const dir = mkdtempSync(join(tmpdir(), 'bankcrm-gateway-'));
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const own = authority.issue('localhost');
  const ofService = authority.issue('localhost');
  const issuer = await startIssuer();
  const tls = { cert: Buffer.from(ofService.cert), key: Buffer.from(ofService.key), ca: Buffer.from(authority.ca) };
  const backend = await startBackend(issuer, 0, tls);
  backend.answers.getCustomer = async () => ({ fullName: '张伟' });
  const env = {
    TLS_CERT_FILE: write('tls.crt', own.cert),
    TLS_KEY_FILE: write('tls.key', own.key),
    TLS_CA_FILE: write('ca.crt', authority.ca),
    DRAIN_WAIT_MS: '0',
  };
  const gateway = startProcess({ issuer: issuer.issuer, backendAddress: backend.address, httpPort, healthPort, env });
  /** Status and body of an answer to a request with a head of about that many bytes. */
  const get = (headBytes: number): Promise<{ status: number | undefined; body: string }> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${issuer.token()}`, 'x-padding': 'x'.repeat(headBytes) };
      request(`https://localhost:${httpPort}${customer}`, { ca: authority.ca, headers, agent: false }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, body }));
      })
        .on('error', reject)
        .end();
    });
  try {
    // Probes need no certificate.
    await eventually(async () => expect((await fetch(`${gateway.health}/readyz`)).status).toBe(200), { timeoutMs: 30_000 });
    const answer = await get(20_000);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ fullName: '张伟' });
    expect((await get(40_000)).status).toBe(431);
    await expect(fetch(`http://localhost:${httpPort}${customer}`)).rejects.toThrow();
  } finally {
    gateway.signal('SIGTERM');
    await gateway.exited();
    await backend.stop();
    await issuer.stop();
    rmSync(dir, { recursive: true });
  }
});
