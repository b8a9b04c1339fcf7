import { placementSettings, staffSettings } from '@bankcrm/backend';
import { backendSettings, serviceSettings } from '@bankcrm/service';
import { z } from 'zod';

export const Config = z.object({ ...serviceSettings, ...backendSettings, ...staffSettings, ...placementSettings });
export type Config = z.infer<typeof Config>;
