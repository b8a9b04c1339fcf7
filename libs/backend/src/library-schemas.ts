import { requestsSchema, type Schema } from '@bankcrm/database';
import { eventsSchema } from '@bankcrm/events';
import { keepsPlacements, readManifest } from '@bankcrm/manifest';
import { scopeSchema } from '@bankcrm/scope';

/** What libraries keep in the database of the service in a folder, in the order in which it is made. */
export const librarySchemas = (folder: string): Schema[] => [
  eventsSchema,
  requestsSchema,
  ...(keepsPlacements(readManifest(folder)) ? [scopeSchema] : []),
];
