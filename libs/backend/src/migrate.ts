/** Brings the database of a service up to date, as the owner of DATABASE_URL_OWNER: node libs/backend/src/migrate.ts <service> */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest, repositoryRoot } from '@bankcrm/manifest';
import { errorText, setting, transportProblems, transportSettings } from '@bankcrm/service';
import { z } from 'zod';
import { migrateService } from './migrate-service.ts';
import { reachDatabase } from './reach-database.ts';

const types = { DATABASE_URL_OWNER: setting.databaseUrl, TRANSPORT_ENCRYPTED_BY: transportSettings.TRANSPORT_ENCRYPTED_BY };

try {
  const folder = folderOf(process.argv[2] ?? '');
  const ownerUrl = readOwnerUrl();
  await reachDatabase('DATABASE_URL_OWNER', ownerUrl);
  const { migrations, functions } = await migrateService(ownerUrl, folder);
  for (const name of migrations) console.log(`applied ${name}`);
  if (functions) console.log('functions replaced');
  if (migrations.length === 0 && !functions) console.log('The database is up to date.');
} catch (error) {
  console.error(`not migrated: ${errorText(error)}`);
  process.exitCode = 1;
}

function folderOf(service: string): string {
  const folder = join(repositoryRoot, 'services', service);
  if (!/^[a-z]+$/.test(service) || !existsSync(join(folder, 'service.yaml')))
    throw new Error('which service? Its name is that of a folder of services/');
  if (!readManifest(folder).database) throw new Error(`${service} has no database`);
  return folder;
}

function readOwnerUrl(): string {
  const read = z.object(types).safeParse(process.env);
  if (!read.success) throw new Error(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const [problem] = transportProblems(types, read.data);
  if (problem) throw new Error(problem);
  return read.data.DATABASE_URL_OWNER;
}
