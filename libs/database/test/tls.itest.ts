import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suiteDatabase, testStack } from '@bankcrm/testing';
import { openAuthority } from '@bankcrm/testing/certificates.ts';
import { expect, it } from 'vitest';
import { openPool } from '../src/index.ts';

it('a URL that asks for verify-full gets TLS, with the server of that name and of that CA alone', async () => {
  const { worker } = await suiteDatabase('customer');
  const isEncrypted = async (host: string, parameters: Record<string, string>): Promise<boolean> => {
    const url = new URL(worker);
    url.hostname = host;
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const pool = openPool({ url: url.href, name: 'test', maxConnections: 1, statementTimeoutMs: 5_000 });
    try {
      return (await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).rows[0].ssl;
    } finally {
      await pool.end();
    }
  };
  const dir = mkdtempSync(join(tmpdir(), 'bankcrm-pg-'));
  try {
    const otherCa = join(dir, 'ca.pem');
    writeFileSync(otherCa, openAuthority().ca);
    const verified = { sslmode: 'verify-full', sslrootcert: testStack().tls!.caFile };
    expect(await isEncrypted('localhost', {})).toBe(false);
    expect(await isEncrypted('localhost', verified)).toBe(true);
    // The certificate names localhost and no address.
    await expect(isEncrypted('127.0.0.1', verified)).rejects.toThrow(/altnames|IP/);
    await expect(isEncrypted('localhost', { ...verified, sslrootcert: otherCa })).rejects.toThrow(/certificate/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
