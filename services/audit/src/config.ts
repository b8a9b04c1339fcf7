import { staffSettings } from '@bankcrm/backend';
import { backendSettings, serviceSettings, setting } from '@bankcrm/service';
import { z } from 'zod';

export const Config = z.object({
  ...serviceSettings,
  ...backendSettings,
  ...staffSettings,
  /** Where signed heads are appended to files: another mount than the database's, shared by all replicas. */
  ANCHOR_FOLDER: setting.text,
});
export type Config = z.infer<typeof Config>;
