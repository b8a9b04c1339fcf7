import { parseEnv, serviceSettings, setting } from '@bankcrm/service';
import { z } from 'zod';
import { areas } from './app/transcoding/bindings.ts';

/** `CUSTOMER_ADDRESS`: where the service of an area answers. */
const addressSetting = (area: string): string => `${area.toUpperCase()}_ADDRESS`;

export const Config = z.object({
  ...serviceSettings,
  HTTP_PORT: setting.port,
  /** One for each area with operations over HTTP; without it these are answered with 503, so that new protos start on an old configuration. */
  ...Object.fromEntries(areas().map((area) => [addressSetting(area), setting.address.optional()])),
  /** How browsers reach the gateway; for the API document. */
  PUBLIC_URL: setting.publicUrl.optional(),
  /** Origins whose pages may call, separated by commas; none by default. */
  CORS_ORIGINS: setting.origins,
  /** Addresses or networks of the proxies in front, whose `X-Forwarded-For` is believed; none by default. */
  TRUSTED_PROXIES: setting.list,
  /** Of one caller, and of one address without a valid token; counted in each replica by itself. */
  RATE_LIMIT_PER_MINUTE: setting.count.default(600),
  /** Of one address, for what a link opens without sign-in: calls, and tokens that nobody knows. */
  LINK_CALLS_PER_MINUTE: setting.count.default(10),
  WRONG_LINKS_PER_HOUR: setting.count.default(5),
  MAX_CONCURRENT_REQUESTS: setting.count.default(512),
  /** Mean delay of the event loop over a second beyond which requests are turned away. */
  MAX_EVENT_LOOP_DELAY_MS: setting.count.default(500),
  /** For the head of a request, and for all of it, to arrive. */
  HEAD_LIMIT_MS: setting.count.default(10_000),
  REQUEST_LIMIT_MS: setting.count.default(15_000),
  /** After readiness went down: how long load balancers get to notice before connections are no longer accepted. */
  DRAIN_WAIT_MS: z.coerce.number().int().min(0).max(60_000).default(3_000),
});

export type Config = z.infer<typeof Config>;

export const readConfig = (env: NodeJS.ProcessEnv): Config => parseEnv(Config, env);

/** Addresses by area, of those that have one: `bankcrm.customer.v1` is answered at `customer`'s. */
export const serviceAddresses = (config: Config): ReadonlyMap<string, string> =>
  new Map(
    areas().flatMap((area) => {
      const address = (config as Record<string, unknown>)[addressSetting(area)];
      return typeof address === 'string' ? [[area, address] as const] : [];
    }),
  );
