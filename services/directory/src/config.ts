import { backendSettings, parseEnv, serviceSettings, setting } from '@bankcrm/service';
import { z } from 'zod';

export const Config = z.object({
  ...serviceSettings,
  ...backendSettings,
  KEYCLOAK_ADMIN_URL: setting.httpUrl,
  KEYCLOAK_REALM: setting.text,
  /** Org units and staff to import at start, for demonstrations. */
  DEMO_BANK_FILE: setting.optionalText,
  /** The first administrator of a bank whose directory is empty. */
  BOOTSTRAP_ADMIN_STAFF_NUMBER: setting.optionalText,
  BOOTSTRAP_ADMIN_EMAIL: setting.optionalText,
  /** Between two comparisons of the identity provider's accounts with what is wanted, whether or not anything changed here. */
  COMPARE_ACCOUNTS_EVERY_MS: setting.count.default(300_000),
});

export type Config = z.infer<typeof Config>;

export const readConfig = (env: NodeJS.ProcessEnv): Config => parseEnv(Config, env);
