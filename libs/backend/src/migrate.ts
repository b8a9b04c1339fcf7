/** Brings the database of a service up to date, as the owner of DATABASE_URL_OWNER: node libs/backend/src/migrate.ts <service> */
import { errorText } from '@bankcrm/service';
import { databaseUrlOf, serviceFolder } from './command-line.ts';
import { migrateService } from './migrate-service.ts';
import { reachDatabase } from './reach-database.ts';

try {
  const folder = serviceFolder(process.argv[2] ?? '');
  const ownerUrl = databaseUrlOf('DATABASE_URL_OWNER');
  await reachDatabase('DATABASE_URL_OWNER', ownerUrl);
  const { migrations, functions } = await migrateService(ownerUrl, folder);
  for (const name of migrations) console.log(`applied ${name}`);
  if (functions) console.log('functions replaced');
  if (migrations.length === 0 && !functions) console.log('The database is up to date.');
} catch (error) {
  console.error(`not migrated: ${errorText(error)}`);
  process.exitCode = 1;
}
