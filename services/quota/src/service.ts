import { join } from 'node:path';
import { fieldCrypto } from '@bankcrm/access';
import { type Backend, sqlDatabase } from '@bankcrm/backend';
import { Config } from './config.ts';
import { addQuota } from './entry/grpc.ts';

export const quota: Backend<Config> = {
  folder: join(import.meta.dirname, '..'),
  config: Config,

  start({ config, manifest, requests, keys, pages, staff, clock }) {
    const database = sqlDatabase(requests);
    const sealer = fieldCrypto(keys.reply);
    const deps = { service: manifest.name, database, sealer, pages, staff, clock, quota: config.DEFAULT_QUOTA };
    return { serve: (server) => addQuota(server, deps) };
  },
};
