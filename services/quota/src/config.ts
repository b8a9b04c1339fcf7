import { placementSettings, staffSettings } from '@bankcrm/backend';
import { backendSettings, serviceSettings, setting } from '@bankcrm/service';
import { z } from 'zod';

export const Config = z.object({
  ...serviceSettings,
  ...backendSettings,
  ...staffSettings,
  ...placementSettings,
  /** Customers that a relationship manager may look after. */
  DEFAULT_QUOTA: setting.count.default(200),
});
export type Config = z.infer<typeof Config>;
