import { z } from 'zod';
import { databaseUrl, host, httpUrl, port, text } from './setting-types.ts';
import { kafkaSettings, transportProblems, transportSettings } from './transport.ts';

/** What every service reads. */
export const serviceSettings = {
  /** Where it listens, for calls and for probes. */
  HOST: host.default('127.0.0.1'),
  HEALTH_PORT: port,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** Exactly the `iss` of the tokens: `https://host/realms/bankcrm`. */
  OIDC_ISSUER: httpUrl,
  OIDC_AUDIENCE: text,
  ...transportSettings,
};

/** And what one with a database, topics and calls of its own reads besides. */
export const backendSettings = {
  GRPC_PORT: port,
  /** Without it the service does not migrate its database; it looks whether somebody has. */
  DATABASE_URL_OWNER: databaseUrl.optional(),
  DATABASE_URL_REQUEST: databaseUrl,
  DATABASE_URL_WORKER: databaseUrl,
  ...kafkaSettings,
  /** By which it gets tokens of its own. */
  OIDC_CLIENT_ID: text,
  OIDC_CLIENT_SECRET: text,
  KEYS_FILE: text,
};

/**
 * Reads a service's whole configuration at start. Throws one error that lists every missing or wrong variable and, when there is none, every one
 * that would let data travel in the clear ({@link transportProblems}).
 */
export function parseEnv<Shape extends z.ZodObject<typeof serviceSettings>>(
  shape: Shape,
  env: NodeJS.ProcessEnv,
): z.infer<Shape> {
  const result = shape.safeParse(env);
  const problems = result.success
    ? transportProblems(shape.shape, result.data)
    : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  if (result.success && problems.length === 0) return result.data;
  throw new Error(`the environment lacks what this service needs:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
}
