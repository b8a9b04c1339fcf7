import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthority } from '@bankcrm/testing/certificates.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as setting from './setting-types.ts';
import { isLoopback, kafkaConnection, readTls, transportProblems } from './transport.ts';

describe('only this machine is behind', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.8.9.10', '::1', '[::1]', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])(
    '%s',
    (host) => expect(isLoopback(host)).toBe(true),
  );
});

describe('another machine may be behind', () => {
  // The unspecified addresses stand for all of a listener's; `127.1` and `localhost.bank.example` are names, which DNS may answer as it likes.
  it.each([
    '0.0.0.0',
    '::',
    '[::]',
    '',
    '10.0.0.1',
    '128.0.0.1',
    'fe80::1',
    '::ffff:10.0.0.1',
    'kafka',
    '127.1',
    'localhost.bank.example',
  ])('%s', (host) => expect(isLoopback(host)).toBe(false));
});

const types = {
  HOST: setting.host,
  OIDC_ISSUER: setting.httpUrl,
  KEYCLOAK_ADMIN_URL: setting.httpUrl,
  DIRECTORY_ADDRESS: setting.address,
  CUSTOMER_ADDRESS: setting.address.optional(),
  KAFKA_BROKERS: setting.brokers,
  DATABASE_URL_OWNER: setting.databaseUrl,
  DATABASE_URL_REQUEST: setting.databaseUrl,
};
const problemsOf = (config: Record<string, unknown>): string[] => transportProblems(types, config);
/** Names of the settings at fault. */
const faults = (config: Record<string, unknown>): string[] => problemsOf(config).map((problem) => problem.split(':')[0]!);
const local = {
  HOST: '127.0.0.1',
  OIDC_ISSUER: 'http://localhost:8080/realms/bankcrm',
  KEYCLOAK_ADMIN_URL: 'http://[::1]:8080',
  DIRECTORY_ADDRESS: '127.0.0.1:5000',
  CUSTOMER_ADDRESS: '[::1]:5001',
  KAFKA_BROKERS: ['127.0.0.1:9092', 'localhost:9093'],
  DATABASE_URL_OWNER: 'postgresql://owner:s3cret@127.0.0.1:5432/bank',
  DATABASE_URL_REQUEST: 'postgresql://request:s3cret@localhost/bank?application_name=x',
};
const remote = {
  HOST: '0.0.0.0',
  OIDC_ISSUER: 'http://keycloak.bank.example/realms/bankcrm',
  KEYCLOAK_ADMIN_URL: 'http://10.0.0.9:8080',
  DIRECTORY_ADDRESS: 'directory:5000',
  CUSTOMER_ADDRESS: '[fd00::1]:5001',
  KAFKA_BROKERS: ['127.0.0.1:9092', 'kafka-2:9092'],
  DATABASE_URL_OWNER: 'postgresql://owner:s3cret@db/bank',
  DATABASE_URL_REQUEST: 'postgresql://request:s3cret@db/bank?sslmode=require',
};
const files = { TLS_CERT_FILE: '/tls/tls.crt', TLS_KEY_FILE: '/tls/tls.key', TLS_CA_FILE: '/tls/ca.crt' };

describe('settings', () => {
  it('need no encryption where everything stays on this machine', () => {
    expect(faults(local)).toEqual([]);
  });

  it('are refused, each by its name and none by its value, where data would leave it in the clear', () => {
    expect(faults(remote)).toEqual(Object.keys(remote));
    expect(problemsOf(remote).join()).not.toContain('s3cret');
    expect(problemsOf({ HOST: '::' })).toEqual([
      'HOST: lets other machines in unencrypted; set TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_FILE, or TRANSPORT_ENCRYPTED_BY=mesh where a mesh encrypts',
    ]);
  });

  it('are in order where each way out says how it is encrypted, or all are a mesh’s', () => {
    const encrypted = {
      ...remote,
      ...files,
      OIDC_ISSUER: 'https://keycloak.bank.example/realms/bankcrm',
      KEYCLOAK_ADMIN_URL: 'https://10.0.0.9:8443',
      KAFKA_TLS_CA_FILE: '/kafka/ca.crt',
      DATABASE_URL_OWNER: 'postgresql://owner:s3cret@db/bank?sslmode=verify-full&sslrootcert=/db/ca.crt',
      DATABASE_URL_REQUEST: 'postgresql://request:s3cret@db/bank?sslmode=verify-full',
    };
    expect(faults(encrypted)).toEqual([]);
    expect(faults({ ...remote, TRANSPORT_ENCRYPTED_BY: 'mesh' })).toEqual([]);
    // One way's encryption is not another's.
    expect(faults({ ...remote, ...files })).toEqual(
      Object.keys(remote).filter((name) => name !== 'HOST' && !name.endsWith('_ADDRESS')),
    );
    expect(faults({ ...encrypted, KAFKA_TLS_CA_FILE: undefined })).toEqual(['KAFKA_BROKERS']);
  });

  it('of a database are read as the driver reads them', () => {
    const of = (url: string) => faults({ DATABASE_URL_OWNER: url });
    for (const mode of ['disable', 'prefer', 'require', 'verify-ca', 'no-verify', 'VERIFY-FULL'])
      expect(of(`postgresql://db/bank?sslmode=${mode}`)).toHaveLength(1);
    expect(of('postgresql://localhost/bank?host=db')).toHaveLength(1);
    expect(of('postgresql://db/bank?host=localhost')).toHaveLength(0);
    expect(of('postgresql://db/bank?sslmode=verify-full&sslmode=disable')).toHaveLength(1);
  });

  it('are known by their types, under any name and with anything made of the types', () => {
    const faultsOf = (type: z.ZodType, value: unknown, config = {}) =>
      transportProblems({ ANYTHING: type }, { ANYTHING: value, ...config });
    expect(faultsOf(setting.httpUrl, 'http://clickhouse:8123')).toEqual([
      'ANYTHING: leads to another machine unencrypted; use https, or TRANSPORT_ENCRYPTED_BY=mesh where a mesh encrypts',
    ]);
    for (const type of [
      setting.address.optional(),
      setting.address.default('127.0.0.1:1'),
      setting.address.refine(() => true),
      setting.address.transform((text) => text),
      z.string().pipe(setting.address),
      z.union([z.literal('none'), setting.address]),
    ])
      expect(faultsOf(type, 'redis:6379')).toHaveLength(1);
    expect(faultsOf(z.array(setting.address), ['127.0.0.1:6379', 'redis:6379'])).toHaveLength(1);
  });

  it('that are URLs without a type that says where they lead are refused, even where a mesh encrypts', () => {
    const faultsOf = (value: unknown, config = {}) => transportProblems({ SINK: z.any() }, { SINK: value, ...config });
    const refused = ['SINK: is a URL, of a type that does not say where it leads'];
    for (const url of ['http://127.0.0.1', 'jdbc:postgresql://db/bank', 'AMQPS://q', ['a', 'redis://r']]) {
      expect(faultsOf(url)).toEqual(refused);
      expect(faultsOf(url, { TRANSPORT_ENCRYPTED_BY: 'mesh' })).toEqual(refused);
    }
    for (const text of ['/run/keys', 'Asia/Shanghai', '12:30', 5, undefined]) expect(faultsOf(text)).toEqual([]);
    // What is only told to others leads nowhere.
    const told = { PUBLIC_URL: setting.publicUrl, CORS_ORIGINS: setting.origins };
    const config = { PUBLIC_URL: 'http://crm.bank.example', CORS_ORIGINS: ['http://portal.bank.example'] };
    expect(transportProblems(told, config)).toEqual([]);
  });

  it('that belong together are set together, mesh or not', () => {
    expect(faults({ TLS_CERT_FILE: '/tls/tls.crt' })).toEqual(['TLS_KEY_FILE', 'TLS_CA_FILE']);
    expect(faults({ ...files, TLS_CA_FILE: undefined, TRANSPORT_ENCRYPTED_BY: 'mesh' })).toEqual(['TLS_CA_FILE']);
    expect(faults({ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'crm' })).toEqual(['KAFKA_SASL_PASSWORD_FILE']);
    expect(problemsOf({ TLS_KEY_FILE: '/tls/tls.key', TLS_CA_FILE: '/tls/ca.crt' })).toEqual([
      'TLS_CERT_FILE: is missing; TLS_CERT_FILE, TLS_KEY_FILE, TLS_CA_FILE are set together or not at all',
    ]);
  });
});

describe('the files', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'bankcrm-tls-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };

  it('of a certificate are read when they go together, and refused at start when not', () => {
    const authority = openAuthority();
    const { cert, key } = authority.issue('directory');
    const good = {
      TLS_CERT_FILE: write('tls.crt', cert),
      TLS_KEY_FILE: write('tls.key', key),
      TLS_CA_FILE: write('ca.crt', authority.ca),
    };
    expect(readTls(good)).toEqual({ cert: Buffer.from(cert), key: Buffer.from(key), ca: Buffer.from(authority.ca) });
    expect(readTls({})).toBeUndefined();
    const together = /do not go together/;
    expect(() => readTls({ ...good, TLS_KEY_FILE: write('other.key', authority.issue('directory').key) })).toThrow(together);
    expect(() => readTls({ ...good, TLS_CA_FILE: write('empty.crt', '\n') })).toThrow(together);
    expect(() => readTls({ ...good, TLS_CERT_FILE: join(dir, 'absent.crt') })).toThrow(/ENOENT.*absent\.crt/);
  });

  it('of Kafka become its client’s options, the password without the line break that ends its file', () => {
    const brokers = ['kafka-1:9093', 'kafka-2:9093'];
    expect(kafkaConnection({ KAFKA_BROKERS: brokers, KAFKA_TOPIC_PREFIX: '' }, 'customer')).toEqual({
      brokers,
      clientId: 'customer',
    });
    const settings = {
      KAFKA_BROKERS: brokers,
      KAFKA_TOPIC_PREFIX: '',
      KAFKA_TLS_CA_FILE: write('kafka.crt', 'a certificate'),
      KAFKA_SASL_MECHANISM: 'scram-sha-256' as const,
      KAFKA_SASL_USERNAME: 'crm',
      KAFKA_SASL_PASSWORD_FILE: write('password', ' s3cret \n'),
    };
    expect(kafkaConnection(settings, 'customer')).toEqual({
      brokers,
      clientId: 'customer',
      ssl: { ca: Buffer.from('a certificate') },
      sasl: { mechanism: 'scram-sha-256', username: 'crm', password: ' s3cret ' },
    });
  });
});
