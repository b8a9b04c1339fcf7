import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest, repositoryRoot } from '@bankcrm/manifest';
import { setting, transportProblems, transportSettings } from '@bankcrm/service';
import { z } from 'zod';

/** The folder of a service with a database, by its name. Throws a sentence for any other name. */
export function serviceFolder(service: string): string {
  const folder = join(repositoryRoot, 'services', service);
  if (!/^[a-z]+$/.test(service) || !existsSync(join(folder, 'service.yaml')))
    throw new Error('which service? Its name is that of a folder of services/');
  if (!readManifest(folder).database) throw new Error(`${service} has no database`);
  return folder;
}

/** A database URL of the environment. Throws a sentence where it is missing, wrong, or leads through the open in the clear. */
export function databaseUrlOf(name: 'DATABASE_URL_OWNER' | 'DATABASE_URL_WORKER'): string {
  const types = { [name]: setting.databaseUrl, TRANSPORT_ENCRYPTED_BY: transportSettings.TRANSPORT_ENCRYPTED_BY };
  const read = z.object(types).safeParse(process.env);
  if (!read.success) throw new Error(read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const [problem] = transportProblems(types, read.data);
  if (problem) throw new Error(problem);
  return read.data[name] as string;
}
