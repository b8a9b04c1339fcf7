import { z } from 'zod';

const port = z.coerce.number().int().min(1).max(65_535);
const count = z.coerce.number().int().min(1);
const list = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,]+/).filter((item) => item !== ''));
const address = z.string().regex(/^[^\s]+:\d+$/, 'must be host:port');

/** Everything the gateway reads from its environment. */
export const GatewayConfig = z.object({
  HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: port,
  HEALTH_PORT: port,
  /** Exactly the `iss` of the tokens: `https://host/realms/bankcrm`. */
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().min(1),
  /** One address per service; the proto package says which one a call goes to. */
  DIRECTORY_ADDRESS: address,
  CUSTOMER_ADDRESS: address,
  /** How browsers reach the gateway; for the API document. */
  PUBLIC_URL: z.url().optional(),
  /** Origins whose pages may call, separated by commas; none by default. */
  CORS_ORIGINS: list,
  /** Addresses or networks of the proxies in front, whose `X-Forwarded-For` is believed; none by default. */
  TRUSTED_PROXIES: list,
  /** Of one caller, and of one address without a valid token; counted in each replica by itself. */
  RATE_LIMIT_PER_MINUTE: count.default(600),
  MAX_CONCURRENT_REQUESTS: count.default(512),
  /** Mean delay of the event loop over a second beyond which requests are turned away. */
  MAX_EVENT_LOOP_DELAY_MS: count.default(500),
  /** For the head of a request, and for all of it, to arrive. */
  HEAD_LIMIT_MS: count.default(10_000),
  REQUEST_LIMIT_MS: count.default(15_000),
  /** After readiness went down: how long load balancers get to notice before connections are no longer accepted. */
  DRAIN_WAIT_MS: z.coerce.number().int().min(0).max(60_000).default(3_000),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export type GatewayConfig = z.infer<typeof GatewayConfig>;

/** Which service answers for which proto package: `bankcrm.customer.v1` → `customer`. */
export const serviceAddresses = (config: GatewayConfig): ReadonlyMap<string, string> =>
  new Map([
    ['customer', config.CUSTOMER_ADDRESS],
    ['directory', config.DIRECTORY_ADDRESS],
  ]);
