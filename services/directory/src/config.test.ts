import { expect, it } from 'vitest';
import { readConfig } from './config.ts';

it('the directory listens where HOST says, as every service does, and there in the clear only by the word of a mesh', () => {
  const url = 'https://keycloak.example';
  const text = ['OIDC_AUDIENCE', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'KEYCLOAK_REALM', 'KEYS_FILE'];
  const databases = ['DATABASE_URL_OWNER', 'DATABASE_URL_REQUEST', 'DATABASE_URL_WORKER'];
  const env = {
    ...Object.fromEntries(text.map((name) => [name, 'x'])),
    ...Object.fromEntries(databases.map((name) => [name, 'postgresql://localhost/directory'])),
    KAFKA_BROKERS: 'localhost:9092',
    OIDC_ISSUER: url,
    KEYCLOAK_ADMIN_URL: url,
    GRPC_PORT: '1',
    HEALTH_PORT: '2',
  };
  expect(readConfig(env).HOST).toBe('127.0.0.1');
  expect(() => readConfig({ ...env, HOST: '0.0.0.0' })).toThrow(/HOST: lets other machines in unencrypted/);
  expect(readConfig({ ...env, HOST: '0.0.0.0', TRANSPORT_ENCRYPTED_BY: 'mesh' }).HOST).toBe('0.0.0.0');
});
