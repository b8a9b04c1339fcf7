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
  expect(() => readConfig(env)).toThrow(/HOST: .*\n {2}DIRECTORY_ADDRESS: .*\n {2}CUSTOMER_ADDRESS: .*$/);
  const files = { TLS_CERT_FILE: 'tls.crt', TLS_KEY_FILE: 'tls.key', TLS_CA_FILE: 'ca.crt' };
  expect(readConfig({ ...env, ...files })).toMatchObject(files);
});
