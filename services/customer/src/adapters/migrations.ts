import { fileURLToPath } from 'node:url';
import { migrateService } from '@bankcrm/events';

/** See {@link migrateService}. */
export const migrateCustomer = (ownerUrl: string): Promise<void> =>
  migrateService(ownerUrl, 'customer', fileURLToPath(new URL('../../db/migrations', import.meta.url)));
