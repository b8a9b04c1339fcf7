import { staffSettings } from '@bankcrm/backend';
import { backendSettings, serviceSettings } from '@bankcrm/service';
import { z } from 'zod';

export const Config = z.object({ ...serviceSettings, ...backendSettings, ...staffSettings });
export type Config = z.infer<typeof Config>;
