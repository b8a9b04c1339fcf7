import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseEnv, serviceSettings } from './config.ts';
import * as setting from './setting-types.ts';

const env = { HEALTH_PORT: '1', OIDC_ISSUER: 'https://keycloak.bank.example/realms/bankcrm', OIDC_AUDIENCE: 'bankcrm' };
const reading = (settings: z.ZodRawShape, values: Record<string, string>) => () =>
  parseEnv(z.object({ ...serviceSettings, ...settings }), { ...env, ...values });

it('a service with a new setting cannot start before the setting is of a type that knows what is encrypted, and it is', () => {
  const clear = { CLICKHOUSE_URL: 'http://clickhouse:8123' };
  expect(reading({ CLICKHOUSE_URL: setting.httpUrl }, clear)).toThrow(/ {2}CLICKHOUSE_URL: leads to another machine unencrypted/);
  expect(reading({ CLICKHOUSE_URL: setting.text }, clear)).toThrow(/ {2}CLICKHOUSE_URL: is a URL, of a type that does not say/);
  const encrypted = { CLICKHOUSE_URL: 'https://clickhouse:8443' };
  expect(reading({ CLICKHOUSE_URL: setting.httpUrl }, encrypted)()).toMatchObject(encrypted);
  expect(reading({}, clear)()).not.toHaveProperty('CLICKHOUSE_URL');
});
