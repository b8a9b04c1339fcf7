import { staffSettings } from '@bankcrm/backend';
import { isCurrency } from '@bankcrm/kernel';
import { backendSettings, parseEnv, serviceSettings, setting } from '@bankcrm/service';
import { z } from 'zod';

export const Config = z.object({
  ...serviceSettings,
  ...backendSettings,
  ...staffSettings,
  /** Topics with panels of other services, by comma; none by default. */
  PANEL_TOPICS: setting.list,
  /** Topics with what other services say happened with customers, by comma; none by default. */
  TIMELINE_TOPICS: setting.list,
  /** ISO 4217 code of the currency in which totals are shown. */
  BANK_CURRENCY: z.string().refine(isCurrency, 'must be an ISO 4217 code'),
  /** IANA name of the zone whose civil days the bank books by. */
  BANK_TIME_ZONE: z.string().refine(isTimeZone, 'must be an IANA time zone'),
  /** Between two comparisons of what is stored with the control totals of a source. */
  RECONCILE_EVERY_MS: setting.count.default(900_000),
  REVEALS_PER_DAY: setting.count.default(200),
  LOOKUPS_PER_DAY: setting.count.default(500),
  /** Of look-ups that find nobody: in a day, and of numbers that differ only in what a mask hides in 30 days, by one person and by all together. */
  LOOKUP_MISSES_PER_DAY: setting.count.default(20),
  LOOKUP_MISSES_PER_DAY_AT_COUNTER: setting.count.default(60),
  LOOKUP_MISSES_OF_SHAPE: setting.count.default(3),
  LOOKUP_MISSES_OF_SHAPE_TOGETHER: setting.count.default(10),
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
