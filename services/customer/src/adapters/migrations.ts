import { fileURLToPath } from 'node:url';
import { migrate, migrateRequests } from '@bankcrm/database';
import { migrateEvents } from '@bankcrm/events';

const roles = { requestRole: 'customer_request', workerRole: 'customer_worker' };

/** Creates or updates the three schemas of this service. Safe to run at every start, by several replicas at once. */
export async function migrateCustomer(ownerUrl: string): Promise<void> {
  await migrateEvents({ ownerUrl, ...roles });
  await migrateRequests({ ownerUrl, ...roles });
  const folder = fileURLToPath(new URL('../../db/migrations', import.meta.url));
  await migrate({ ownerUrl, folder, table: 'customer_migrations' });
}
