import { basename, join } from 'node:path';
import { migrate, migrateRequests } from '@bankcrm/database';
import { migrateEvents } from '@bankcrm/events';
import { replaceFunctions } from './replace-functions.ts';

/**
 * Creates or updates the three schemas of a service: `events`, `requests`, and its own from `db/migrations` and `db/functions` in its folder. Safe to run at
 * every start, by several replicas at once.
 */
export async function migrateService(ownerUrl: string, folder: string): Promise<void> {
  const service = basename(folder);
  const users = { ownerUrl, requestRole: `${service}_request`, workerRole: `${service}_worker` };
  await migrateEvents(users);
  await migrateRequests(users);
  await migrate({ ownerUrl, folder: join(folder, 'db/migrations'), table: `${service}_migrations` });
  await replaceFunctions({ ownerUrl, schema: service, folder: join(folder, 'db/functions') });
}
