import { basename, join } from 'node:path';
import { migrate, migrateRequests, migrationsTable } from '@bankcrm/database';
import { migrateEvents } from '@bankcrm/events';
import { showApplied } from './applied.ts';
import { replaceFunctions } from './replace-functions.ts';

/** What {@link migrateService} has done: names of migrations, and whether functions and views are others now. */
export interface Migrated {
  migrations: string[];
  functions: boolean;
}

/**
 * Creates or updates the three schemas of a service: `events`, `requests`, and its own from `db/migrations` and `db/functions` in its folder. Safe to run at
 * every start, by several replicas at once.
 */
export async function migrateService(ownerUrl: string, folder: string): Promise<Migrated> {
  const service = basename(folder);
  const users = { ownerUrl, requestRole: `${service}_request`, workerRole: `${service}_worker` };
  const named = (schema: string, names: readonly string[]): string[] => names.map((name) => `${schema}/${name}`);
  const migrations = [
    ...named('events', await migrateEvents(users)),
    ...named('requests', await migrateRequests(users)),
    ...named(service, await migrate({ ownerUrl, folder: join(folder, 'db/migrations'), table: migrationsTable(service) })),
  ];
  const functions = await replaceFunctions({ ownerUrl, schema: service, folder: join(folder, 'db/functions') });
  await showApplied(users, service);
  return { migrations, functions };
}
