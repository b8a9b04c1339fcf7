import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAuthority } from './authority.ts';
import { keycloakAdmin } from './keycloak-admin.ts';
import { believe, kafkaAccess, requireEncrypted, settingOf } from './settings.ts';

let folder: string;
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bankcrm-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('a value stands in its variable, or in the file that its variable with _FILE names', () => {
  const env = { A: 'here', B_FILE: file('b', 'there\n'), C: '', D_FILE: '/nowhere' };
  expect(['A', 'B', 'C'].map((name) => settingOf(env, name))).toEqual(['here', 'there', undefined]);
  expect(() => settingOf(env, 'D')).toThrow('D_FILE is /nowhere, which cannot be read (ENOENT).');
});

it('Kafka is spoken to as services speak to it, and not in the clear on another machine', () => {
  const far = ['kafka.example:9093'];
  const ca = file('kafka-ca.crt', openAuthority().ca);
  expect(() => kafkaAccess({}, far)).toThrow('KAFKA_BROKERS leads to kafka.example:9093 unencrypted: set KAFKA_TLS_CA_FILE');
  expect(kafkaAccess({}, ['localhost:9092'])).toEqual({});
  expect(kafkaAccess({ TRANSPORT_ENCRYPTED_BY: 'mesh' }, far)).toEqual({});
  expect(kafkaAccess({ KAFKA_TLS_CA_FILE: ca }, far)).toHaveProperty('ssl.ca');
  expect(() => kafkaAccess({ KAFKA_TLS_CA_FILE: file('empty.crt', '') }, far)).toThrow('holds no certificate');
  expect(() => kafkaAccess({ KAFKA_TLS_CA_FILE: ca, KAFKA_SASL_MECHANISM: 'SCRAM-SHA-999' }, far)).toThrow('is one of: scram');
  expect(() => kafkaAccess({}, ['kafka.example'])).toThrow('kafka.example is no broker');
});

it('a Keycloak is believed by the CA that is named, and by no other', async () => {
  const authority = openAuthority();
  const server = createServer(authority.issue('localhost'), (_req, res) => void res.writeHead(401).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `https://localhost:${(server.address() as AddressInfo).port}`;
  const signIn = () => keycloakAdmin({ keycloak: { baseUrl, admin: { username: 'a', password: 'b' } } });
  await expect(signIn()).rejects.toThrow(`Keycloak cannot be reached at ${baseUrl}: `);
  expect(() => believe('KEYCLOAK_CA_FILE', file('none.crt', 'none'))).toThrow('holds no certificate in PEM');
  believe('KEYCLOAK_CA_FILE', file('ca.crt', authority.ca));
  await expect(signIn()).rejects.toThrow(`Keycloak at ${baseUrl} refuses its administrator (401).`);
  server.close();
});

it('a password is sent to another machine encrypted or by a mesh', () => {
  const lead =
    (url: string, env = {}) =>
    () =>
      requireEncrypted(env, 'KEYCLOAK_URL', { url: new URL(url), isEncrypted: url.startsWith('https'), remedy: 'use https' });
  expect(lead('http://sign-in.bank.example')).toThrow(
    'KEYCLOAK_URL leads to sign-in.bank.example unencrypted: use https, or set TRANSPORT_ENCRYPTED_BY=mesh where a mesh encrypts.',
  );
  expect(lead('http://localhost.bank.example')).toThrow('unencrypted');
  for (const url of ['https://sign-in.bank.example', 'http://localhost:1', 'http://127.0.0.1', 'http://[::1]:1'])
    expect(lead(url)).not.toThrow();
  expect(lead('http://sign-in.bank.example', { TRANSPORT_ENCRYPTED_BY: 'mesh' })).not.toThrow();
});
