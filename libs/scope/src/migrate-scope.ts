import { fileURLToPath } from 'node:url';
import type { Schema } from '@bankcrm/database';
import { customerScopeSql } from './customer-scope.ts';

const staffId = `(SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)`;
/** The caller's own rows and nobody else's: who takes part in what is itself behind the wall. */
const own = `staff_id = ${staffId}`;

/** What the request role sees of each table; nothing of those that are not named. */
const seen: Readonly<Record<string, string>> = {
  customer: customerScopeSql({ customer: 'customer', schema: 'scope' }),
  participant: own,
  collaborator: own,
  service_access: own,
  access_grant: own,
  ticket_access: `${own} OR queue_id IN (SELECT queue_id FROM scope.queue_member WHERE queue_member.staff_id = ${staffId})`,
  queue_member: own,
  org_unit: `${staffId} IS NOT NULL`,
  org_unit_closure: `${staffId} IS NOT NULL`,
};
const unseen = ['queue', 'feed'];

/**
 * The schema `scope` in the database of a service that shows customers: the placements and the org tree as published, and the second wall over them. The worker role
 * keeps it. A policy, once made, is changed by a migration (`ALTER POLICY request_scope ON scope.customer USING …`).
 */
export const scopeSchema: Schema = {
  name: 'scope',
  folder: fileURLToPath(new URL('../db/migrations', import.meta.url)),
  uses: (request, worker) => ({
    // The functions look past the caller's scope in the worker's name, who owns nothing else.
    grants: `
        GRANT USAGE ON SCHEMA scope TO ${request}, ${worker};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA scope TO ${worker};
        GRANT SELECT ON ${Object.keys(seen).map((table) => `scope.${table}`)} TO ${request};
        GRANT CREATE ON SCHEMA scope TO ${worker};
        ALTER FUNCTION scope.survivor_of OWNER TO ${worker};
        ALTER FUNCTION scope.parts_of OWNER TO ${worker};
        REVOKE CREATE ON SCHEMA scope FROM ${worker};
        SET LOCAL ROLE ${worker};
        GRANT EXECUTE ON FUNCTION scope.survivor_of, scope.parts_of TO ${request};
        RESET ROLE;`,
    policies: [
      ...[...Object.keys(seen), ...unseen].map((table) => ({
        table,
        name: 'worker_all',
        definition: `TO ${worker} USING (true) WITH CHECK (true)`,
      })),
      ...Object.entries(seen).map(([table, shown]) => ({
        table,
        name: 'request_scope',
        definition: `TO ${request} USING (${shown})`,
      })),
    ],
  }),
};
