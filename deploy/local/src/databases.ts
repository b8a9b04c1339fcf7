import type { Manifest } from '@bankcrm/manifest';
import {
  applySteps,
  type DatabaseRole,
  databaseOf,
  databaseRoles,
  databaseStatement,
  handOverStatement,
  roleOf,
  roleStatements,
  serviceDatabaseSteps,
  serviceRoleSteps,
} from '@bankcrm/provision';
import type { Secrets } from './secrets.ts';
import type { DatabaseUrls } from './stack.ts';

export { databaseOf, inDatabase, roleOf } from '@bankcrm/provision';

/** Connections that are no service's: Keycloak's pool, and tools, tests and second instances on one's own machine. */
const otherConnections = 20 + 100;
/** Beside its pools a replica holds the relay's connection, and one each while it migrates and listens. */
const ownConnections = 4;

/** Connections that PostgreSQL must allow for one replica of each service. */
export const connectionsOf = (manifests: readonly Manifest[]): number =>
  manifests
    .flatMap(({ database }) => (database ? [database.connections] : []))
    .reduce((sum, { request, worker }) => sum + request + worker + ownConnections, otherConnections);

/** Makes Keycloak's and every service's database and roles. What is there already gets its password set again and is left as it is. */
export async function ensureDatabases(superuserUrl: string, manifests: readonly Manifest[], secrets: Secrets): Promise<void> {
  const owners = manifests.filter(({ database }) => database !== undefined);
  await applySteps(superuserUrl, [
    { statements: [...roleStatements('keycloak', secrets.keycloakDatabase), databaseStatement('keycloak', 'keycloak')] },
    ...owners.flatMap(({ name }) => serviceRoleSteps(name, secrets.databaseRoles[name]!)),
  ]);
  await Promise.all(owners.map((manifest) => createServiceDatabase(superuserUrl, manifest, databaseOf(manifest.name))));
}

/** Makes a service's three roles where they are not there, unable to sign in: for a service that this stack does not run. */
export const ensureServiceRoles = (superuserUrl: string, service: string): Promise<void> =>
  applySteps(superuserUrl, [
    {
      statements: [
        ...databaseRoles.map((role) => ({
          sql: `CREATE ROLE ${roleOf(service, role)} NOLOGIN`,
          unless: `SELECT FROM pg_roles WHERE rolname = '${roleOf(service, role)}'`,
        })),
        handOverStatement(service),
      ],
    },
  ]);

/**
 * One more database shaped like a service's own: owned by its owner role, open to its three roles and to nobody else.
 * Tests make one for each suite. Does nothing where it exists.
 */
export const createServiceDatabase = (
  superuserUrl: string,
  manifest: Pick<Manifest, 'name' | 'database'>,
  name: string,
): Promise<void> => applySteps(superuserUrl, serviceDatabaseSteps(manifest, name));

export function serviceDatabaseUrls(service: string, secrets: Secrets, port: number): DatabaseUrls {
  const url = (role: DatabaseRole) =>
    postgresUrl(roleOf(service, role), secrets.databaseRoles[service]![role], port, databaseOf(service));
  return { owner: url('owner'), request: url('request'), worker: url('worker') };
}

export function postgresUrl(user: string, password: string, port: number, database: string): string {
  return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}
