import { join } from 'node:path';
import { fieldCrypto } from '@bankcrm/access';
import { type Backend, sqlDatabase } from '@bankcrm/backend';
import { NotesService } from '@bankcrm/proto/gen/bankcrm/kit/v1/notes.ts';
import { createNote } from './app/create-note.ts';
import { listSubjects } from './app/list-subjects.ts';
import { Config } from './config.ts';

export const kit: Backend<Config> = {
  folder: join(import.meta.dirname, '..'),
  config: Config,
  start({ manifest, requests, keys, pages, clock }) {
    const deps = { service: manifest.name, database: sqlDatabase(requests), sealer: fieldCrypto(keys.reply), pages, clock };
    return { serve: (server) => server.add(NotesService, { createNote: createNote(deps), listSubjects: listSubjects(deps) }) };
  },
};
