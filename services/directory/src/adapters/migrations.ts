import { fileURLToPath } from 'node:url';
import { migrateService } from '@bankcrm/events';

/** See {@link migrateService}. */
export const migrateDirectory = (ownerUrl: string): Promise<void> =>
  migrateService(ownerUrl, 'directory', fileURLToPath(new URL('../../db/migrations', import.meta.url)));
