import { basename, join } from 'node:path';
import { migrate, migrateSchema, migrationsTable } from '@bankcrm/database';
import { showApplied } from './applied.ts';
import { librarySchemas } from './library-schemas.ts';
import { replaceFunctions } from './replace-functions.ts';

/** What {@link migrateService} has done: names of migrations, and whether functions and views are others now. */
export interface Migrated {
  migrations: string[];
  functions: boolean;
}

/**
 * Creates or updates the schemas of a service: those of the libraries ({@link librarySchemas}), and its own, which may name them, from `db/migrations` and
 * `db/functions` in its folder. Safe to run at every start, by several replicas at once.
 */
export async function migrateService(ownerUrl: string, folder: string): Promise<Migrated> {
  const service = basename(folder);
  const users = { ownerUrl, requestRole: `${service}_request`, workerRole: `${service}_worker` };
  const named = (schema: string, names: readonly string[]): string[] => names.map((name) => `${schema}/${name}`);
  const migrations: string[] = [];
  for (const schema of librarySchemas(folder)) migrations.push(...named(schema.name, await migrateSchema(users, schema)));
  const own = await migrate({ ownerUrl, folder: join(folder, 'db/migrations'), table: migrationsTable(service) });
  migrations.push(...named(service, own));
  const functions = await replaceFunctions({ ownerUrl, schema: service, folder: join(folder, 'db/functions') });
  await showApplied(users, folder);
  return { migrations, functions };
}
