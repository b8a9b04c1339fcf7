import { join } from 'node:path';
import { repositoryRoot } from '@bankcrm/manifest';
import { migrateService } from './migrate-service.ts';

const [service = ''] = process.argv.slice(2);
await migrateService(process.env.DATABASE_URL_OWNER!, join(repositoryRoot, 'services', service));
console.log('migrated');
