import { fileURLToPath } from 'node:url';
import { migrateSchema, type Schema, type SchemaUsers } from './migrate-schema.ts';

/**
 * The schema `requests`: the request role sees the replies of the member of staff who is asking and of nobody else; the worker role
 * sweeps old ones and serves the commands of systems.
 */
export const requestsSchema: Schema = {
  name: 'requests',
  folder: fileURLToPath(new URL('../db/migrations', import.meta.url)),
  uses: (request, worker) => ({
    grants: `
        GRANT USAGE ON SCHEMA requests TO ${request}, ${worker};
        GRANT SELECT, INSERT, UPDATE ON requests.request TO ${request};
        GRANT SELECT, INSERT, UPDATE, DELETE ON requests.request TO ${worker};`,
    policies: [
      { table: 'request', name: 'worker_all', definition: `TO ${worker} USING (true)` },
      {
        table: 'request',
        name: 'own_requests',
        // Concatenation with a null is null: a connection that set no caller, or an empty one, sees nothing.
        definition: `TO ${request} USING (caller = (SELECT 'staff/' || nullif(current_setting('bankcrm.staff_id', true), '')))`,
      },
    ],
  }),
};

/** Creates or updates it, see {@link migrateSchema}. */
export const migrateRequests = (users: SchemaUsers): Promise<string[]> => migrateSchema(users, requestsSchema);
