import { parseEnv } from '@bankcrm/service';
import { z } from 'zod';

const port = z.coerce.number().int().min(1).max(65_535);
const optional = z
  .string()
  .optional()
  .transform((text) => (text === '' ? undefined : text));

const Config = z.object({
  DATABASE_URL_OWNER: z.string().min(1),
  DATABASE_URL_REQUEST: z.string().min(1),
  DATABASE_URL_WORKER: z.string().min(1),
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((text) => text.split(',')),
  KAFKA_TOPIC_PREFIX: z.string().default(''),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().min(1),
  OIDC_CLIENT_ID: z.string().min(1),
  OIDC_CLIENT_SECRET: z.string().min(1),
  KEYCLOAK_ADMIN_URL: z.url(),
  KEYCLOAK_REALM: z.string().min(1),
  KEYS_FILE: z.string().min(1),
  HOST: z.string().default('127.0.0.1'),
  GRPC_PORT: port,
  HEALTH_PORT: port,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** Org units and staff to import at start, for demonstrations. */
  DEMO_BANK_FILE: optional,
  /** The first administrator of a bank whose directory is empty. */
  BOOTSTRAP_ADMIN_STAFF_NUMBER: optional,
  BOOTSTRAP_ADMIN_EMAIL: optional,
});

export type Config = z.infer<typeof Config>;

export const readConfig = (env: NodeJS.ProcessEnv): Config => parseEnv(Config, env);
