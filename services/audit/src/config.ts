import { placementSettings, staffSettings } from '@bankcrm/backend';
import { backendSettings, serviceSettings, setting } from '@bankcrm/service';
import { z } from 'zod';

export const Config = z.object({
  ...serviceSettings,
  ...backendSettings,
  ...staffSettings,
  ...placementSettings,
  /** Where signed heads are appended to files: another mount than the database's, shared by all replicas. */
  ANCHOR_FOLDER: setting.text,
  /** IANA name of the zone whose civil days the bank books by: quarters begin at its midnight. */
  BANK_TIME_ZONE: z.string().refine(isTimeZone, 'must be an IANA time zone'),
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
