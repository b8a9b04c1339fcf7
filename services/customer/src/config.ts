import { isCurrency } from '@bankcrm/kernel';
import { parseEnv } from '@bankcrm/service';
import { z } from 'zod';

const port = z.coerce.number().int().min(1).max(65_535);
const count = z.coerce.number().int().min(1);

const Config = z.object({
  DATABASE_URL_OWNER: z.string().min(1),
  DATABASE_URL_REQUEST: z.string().min(1),
  DATABASE_URL_WORKER: z.string().min(1),
  KAFKA_BROKERS: z
    .string()
    .min(1)
    .transform((text) => text.split(',')),
  /** Put before every topic and group; a database belongs to one prefix for its whole life. */
  KAFKA_TOPIC_PREFIX: z.string().default(''),
  /** Topics with panels of other services, by comma; none by default. */
  PANEL_TOPICS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((topic) => topic !== '')),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().min(1),
  OIDC_CLIENT_ID: z.string().min(1),
  OIDC_CLIENT_SECRET: z.string().min(1),
  HOST: z.string().default('127.0.0.1'),
  GRPC_PORT: port,
  HEALTH_PORT: port,
  DIRECTORY_ADDRESS: z.string().min(1),
  KEYS_FILE: z.string().min(1),
  /** ISO 4217 code of the currency in which totals are shown. */
  BANK_CURRENCY: z.string().refine(isCurrency, 'must be an ISO 4217 code'),
  /** IANA name of the zone whose civil days the bank books by. */
  BANK_TIME_ZONE: z.string().refine(isTimeZone, 'must be an IANA time zone'),
  /** How long the stream waits at start for the staff, whose numbers snapshots name; without them it goes on, and customers are placed later. */
  STAFF_WAIT_MS: z.coerce.number().int().min(0).default(10_000),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  REVEALS_PER_DAY: count.default(200),
  LOOKUPS_PER_DAY: count.default(500),
  /** Without a word from the directory for so long, reveals, exports and decisions are refused. */
  DIRECTORY_SILENCE_HIGH_PRIVILEGE_MS: count.default(30_000),
  /** And after so long everything is. */
  DIRECTORY_SILENCE_EVERYTHING_MS: count.default(600_000),
});

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export type Config = z.infer<typeof Config>;

export const readConfig = (env: NodeJS.ProcessEnv): Config => parseEnv(Config, env);
