import type { Manifest } from '@bankcrm/manifest';
import pg from 'pg';
import { type DatabaseRole, databaseRoles, type Secrets } from './secrets.ts';
import type { DatabaseUrls } from './stack.ts';

/** What operators look into a database with, beside the extensions that a service's manifest names. */
const operatorsExtension = 'pg_stat_statements';

/** Connections that are no service's: Keycloak's pool, and tools, tests and second instances on one's own machine. */
const otherConnections = 20 + 100;
/** Beside its pools a replica holds the relay's connection, and one each while it migrates and listens. */
const ownConnections = 4;

export const databaseOf = (service: string) => `bankcrm_${service}`;
export const roleOf = (service: string, role: DatabaseRole) => `${service}_${role}`;

/** Connections that PostgreSQL must allow for one replica of each service. */
export const connectionsOf = (manifests: readonly Manifest[]): number =>
  manifests
    .flatMap(({ database }) => (database ? [database.connections] : []))
    .reduce((sum, { request, worker }) => sum + request + worker + ownConnections, otherConnections);

/** Makes Keycloak's and every service's database and roles. What is there already gets its password set again and is left as it is. */
export async function ensureDatabases(superuserUrl: string, manifests: readonly Manifest[], secrets: Secrets): Promise<void> {
  const owners = manifests.filter(({ database }) => database !== undefined);
  await withClient(superuserUrl, async (client) => {
    await ensureRole(client, 'keycloak', secrets.keycloakDatabase);
    await ensureDatabase(client, 'keycloak', 'keycloak');
    for (const { name: service } of owners) {
      for (const role of databaseRoles) await ensureRole(client, roleOf(service, role), secrets.databaseRoles[service]![role]);
      // Migrations hand reviewed SECURITY DEFINER functions to the worker; the owner itself gains no view of rows by it.
      await client.query(`grant ${roleOf(service, 'worker')} to ${roleOf(service, 'owner')} with inherit false, set true`);
    }
  });
  await Promise.all(owners.map((manifest) => createServiceDatabase(superuserUrl, manifest, databaseOf(manifest.name))));
}

/** Makes a service's three roles where they are not there, unable to sign in: for a service that this stack does not run. */
export const ensureServiceRoles = (superuserUrl: string, service: string): Promise<void> =>
  withClient(superuserUrl, async (client) => {
    for (const role of databaseRoles) {
      const name = roleOf(service, role);
      const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
      if (rowCount === 0) await client.query(`create role ${client.escapeIdentifier(name)} nologin`);
    }
  });

/**
 * One more database shaped like a service's own: owned by its owner role, open to its three roles and to nobody else.
 * Tests make one for each suite. Does nothing where it exists.
 */
export async function createServiceDatabase(
  superuserUrl: string,
  { name: service, database }: Pick<Manifest, 'name' | 'database'>,
  name: string,
): Promise<void> {
  await withClient(superuserUrl, (client) => ensureDatabase(client, name, roleOf(service, 'owner')));
  await withClient(inDatabase(superuserUrl, name), async (client) => {
    for (const extension of [operatorsExtension, ...(database?.extensions ?? [])])
      await client.query(`create extension if not exists ${client.escapeIdentifier(extension)}`);
    const id = client.escapeIdentifier(name);
    await client.query(`revoke all on database ${id} from public`);
    for (const role of databaseRoles)
      await client.query(`grant connect on database ${id} to ${client.escapeIdentifier(roleOf(service, role))}`);
  });
}

/** The same server and user, another database. */
export function inDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

export function serviceDatabaseUrls(service: string, secrets: Secrets, port: number): DatabaseUrls {
  const url = (role: DatabaseRole) =>
    postgresUrl(roleOf(service, role), secrets.databaseRoles[service]![role], port, databaseOf(service));
  return { owner: url('owner'), request: url('request'), worker: url('worker') };
}

export function postgresUrl(user: string, password: string, port: number, database: string): string {
  return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

async function ensureRole(client: pg.Client, name: string, password: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
  const verb = rowCount === 0 ? 'create' : 'alter';
  await client.query(
    `${verb} role ${client.escapeIdentifier(name)} login nosuperuser nobypassrls nocreatedb nocreaterole noreplication password ${client.escapeLiteral(password)}`,
  );
}

async function ensureDatabase(client: pg.Client, name: string, owner: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
  if (rowCount === 0)
    await client.query(`create database ${client.escapeIdentifier(name)} owner ${client.escapeIdentifier(owner)}`);
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 60_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
