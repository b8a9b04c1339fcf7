import { expect, it } from 'vitest';
import { readConfig } from './config.ts';

it('the gateway speaks to no service on another machine, and lets no browser in, in the clear', () => {
  const env = {
    OIDC_ISSUER: 'https://keycloak.example/realms/bankcrm',
    OIDC_AUDIENCE: 'bankcrm',
    HTTP_PORT: '1',
    HEALTH_PORT: '2',
    DIRECTORY_ADDRESS: 'directory:5000',
    CUSTOMER_ADDRESS: 'customer:5000',
    HOST: '0.0.0.0',
  };
  for (const name of ['HOST', 'DIRECTORY_ADDRESS', 'CUSTOMER_ADDRESS'])
    expect(() => readConfig(env)).toThrow(new RegExp(`^ {2}${name}: .* unencrypted`, 'm'));
  const files = { TLS_CERT_FILE: 'tls.crt', TLS_KEY_FILE: 'tls.key', TLS_CA_FILE: 'ca.crt' };
  expect(readConfig({ ...env, ...files })).toMatchObject(files);
});
