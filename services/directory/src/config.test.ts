import { expect, it } from 'vitest';
import { readConfig } from './config.ts';

it('the directory listens where HOST says, as every service does', () => {
  const url = 'http://keycloak.example';
  const text = [
    'DATABASE_URL_OWNER',
    'DATABASE_URL_REQUEST',
    'DATABASE_URL_WORKER',
    'KAFKA_BROKERS',
    'OIDC_AUDIENCE',
    'OIDC_CLIENT_ID',
  ];
  const more = ['OIDC_CLIENT_SECRET', 'KEYCLOAK_REALM', 'KEYS_FILE'];
  const env = {
    ...Object.fromEntries([...text, ...more].map((name) => [name, 'x'])),
    OIDC_ISSUER: url,
    KEYCLOAK_ADMIN_URL: url,
    GRPC_PORT: '1',
    HEALTH_PORT: '2',
  };
  expect(readConfig({ ...env, HOST: '0.0.0.0' }).HOST).toBe('0.0.0.0');
  expect(readConfig(env).HOST).toBe('127.0.0.1');
});
