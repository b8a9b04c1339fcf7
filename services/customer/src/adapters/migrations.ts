import { fileURLToPath } from 'node:url';
import { migrateService } from '@bankcrm/backend';

/** See {@link migrateService}. */
export const migrateCustomer = (ownerUrl: string): Promise<void> =>
  migrateService(ownerUrl, fileURLToPath(new URL('../..', import.meta.url)));
