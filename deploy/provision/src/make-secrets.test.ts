import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifests } from '@bankcrm/manifest';
import { expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { readEnvFiles, writeEnvFiles } from './env-files.ts';
import { fromKubernetes, toKubernetes } from './kubernetes-secrets.ts';
import { makeSecrets, rolePasswords, type Secrets } from './make-secrets.ts';

const manifests = readManifests();
const make = (kept: Secrets = {}): Secrets =>
  makeSecrets(
    manifests,
    kept,
    (service, role, password) => `postgres://${service}_${role}:${password}@db:5432/bankcrm_${service}`,
  );

it('every service gets what it needs and the owner’s URL stands apart', () => {
  const secrets = make();
  expect(Object.keys(secrets.customer!).sort()).toEqual([
    'database-url-request',
    'database-url-worker',
    'keys.json',
    'oidc-client-secret',
  ]);
  expect(Object.keys(secrets['customer-owner']!)).toEqual(['database-url-owner']);
  expect(Object.keys(secrets.gateway!)).toEqual(['oidc-client-secret']);
  expect(Object.keys(secrets.systems!)).toEqual(['core-banking']);
  const all = Object.values(secrets).flatMap((texts) => Object.values(texts));
  expect(new Set(all).size).toBe(all.length);
});

it.each<[string, (secrets: Secrets) => Secrets]>([
  ['manifests that it wrote', (secrets) => fromKubernetes(toKubernetes(secrets, 'crm'), 'secrets.yaml')],
  [
    'what kubectl prints of a cluster, where somebody else has Secrets too',
    (secrets) =>
      fromKubernetes(
        stringify({
          kind: 'List',
          items: [
            { kind: 'Secret', metadata: { name: 'other' }, data: { a: 'Yg==' } },
            {
              kind: 'Secret',
              type: 'kubernetes.io/tls',
              metadata: { name: 'bankcrm-customer-tls' },
              data: { 'tls.key': 'Yg==' },
            },
            ...Object.entries(secrets).map(([name, texts]) => ({
              kind: 'Secret',
              metadata: { name: `bankcrm-${name}` },
              data: Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
            })),
          ],
        }),
        'secrets.yaml',
      ),
  ],
  [
    'files that it wrote',
    (secrets) => {
      const folder = mkdtempSync(join(tmpdir(), 'bankcrm-secrets-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      writeEnvFiles(folder, secrets, manifests);
      for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
      return readEnvFiles(folder);
    },
  ],
])('nothing is made anew that stands in %s', (_what, kept) => {
  const secrets = make();
  expect(kept(secrets)).toEqual(secrets);
  expect(make(kept(secrets))).toEqual(secrets);
});

it('a newer version gets what it needs more, and rotated keys stay', () => {
  const secrets = make();
  const { 'keys.json': _keys, ...customer } = secrets.customer!;
  const rotated = '{"audit":{"2":"x"}}';
  const renewed = make({ ...secrets, customer, directory: { ...secrets.directory, 'keys.json': rotated } });
  expect(JSON.parse(renewed.customer!['keys.json']!)).toHaveProperty('kek.1');
  expect(JSON.parse(renewed.directory!['keys.json']!)).toMatchObject({ audit: { 2: 'x' }, reply: { 1: expect.any(String) } });
  expect(renewed.customer).toMatchObject(customer);
});

it.each([
  ['is empty', '', 'secrets.yaml holds no Secret whose name begins with bankcrm-.'],
  ['holds others only', stringify({ kind: 'Secret', metadata: { name: 'other' } }), 'holds no Secret'],
  [
    'is spoilt in a line',
    toKubernetes(make()).replace('stringData:', 'stringData'),
    /^secrets\.yaml is no YAML from line \d+ on\.$/,
  ],
])('a file that %s is refused: what it should keep would be made anew', (_what, text, why) => {
  expect(() => fromKubernetes(text, 'secrets.yaml')).toThrow(why);
});

it('keys that are no JSON are named and not shown', () => {
  const spoilt = make({ ...make(), customer: { 'database-url-request': 'x' } });
  const broken = () => make({ ...spoilt, customer: { ...spoilt.customer, 'keys.json': '{"1": topsecret' } });
  expect(broken).toThrow(/^The secrets hold keys\.json of customer, which is no JSON\.$/);
});

it('what is not ours is not given again', () => {
  expect(make({ ...make(), 'customer-tls': { 'tls.key': 'x' } })).not.toHaveProperty('customer-tls');
});

it('a password that a URL spells otherwise is the password', () => {
  const secrets = make({ 'customer-owner': { 'database-url-owner': 'postgresql://o:p%40ss%3A@db/x' } });
  expect(rolePasswords('customer', secrets).owner).toBe('p@ss:');
  expect(() => rolePasswords('customer', {})).toThrow('bankcrm-customer-owner needs database-url-owner');
});
