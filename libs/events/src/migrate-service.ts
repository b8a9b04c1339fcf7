import { migrate, migrateRequests } from '@bankcrm/database';
import { migrateEvents } from './migrate-events.ts';

/**
 * Creates or updates the three schemas of a service: `events`, `requests`, and its own from the migrations in a folder. Safe to run at every start, by
 * several replicas at once.
 */
export async function migrateService(ownerUrl: string, service: string, folder: string): Promise<void> {
  const users = { ownerUrl, requestRole: `${service}_request`, workerRole: `${service}_worker` };
  await migrateEvents(users);
  await migrateRequests(users);
  await migrate({ ownerUrl, folder, table: `${service}_migrations` });
}
