import pg from 'pg';
import { type DatabaseRole, databaseRoles, type Secrets } from './secrets.ts';
import { type DatabaseUrls, type ServiceName, serviceNames } from './stack.ts';

/** Extensions a service's migrations may rely on; made here where they need a superuser. */
const extensions = ['pg_trgm', 'btree_gin', 'btree_gist', 'pg_stat_statements'];

export const databaseOf = (service: ServiceName) => `bankcrm_${service}`;
export const roleOf = (service: ServiceName, role: DatabaseRole) => `${service}_${role}`;

/** Makes Keycloak's and every service's database and roles. What is there already gets its password set again and is left as it is. */
export async function ensureDatabases(superuserUrl: string, secrets: Secrets): Promise<void> {
  await withClient(superuserUrl, async (client) => {
    await ensureRole(client, 'keycloak', secrets.keycloakDatabase);
    await ensureDatabase(client, 'keycloak', 'keycloak');
    for (const service of serviceNames) {
      for (const role of databaseRoles) await ensureRole(client, roleOf(service, role), secrets.databaseRoles[service][role]);
      // Migrations hand reviewed SECURITY DEFINER functions to the worker; the owner itself gains no view of rows by it.
      await client.query(`grant ${roleOf(service, 'worker')} to ${roleOf(service, 'owner')} with inherit false, set true`);
    }
  });
  await Promise.all(serviceNames.map((service) => createServiceDatabase(superuserUrl, service, databaseOf(service))));
}

/**
 * One more database shaped like a service's own: owned by its owner role, open to its three roles and to nobody else.
 * Tests make one for each suite. Does nothing where it exists.
 */
export async function createServiceDatabase(superuserUrl: string, service: ServiceName, name: string): Promise<void> {
  await withClient(superuserUrl, (client) => ensureDatabase(client, name, roleOf(service, 'owner')));
  await withClient(inDatabase(superuserUrl, name), async (client) => {
    for (const extension of extensions) await client.query(`create extension if not exists ${extension}`);
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

export function serviceDatabaseUrls(service: ServiceName, secrets: Secrets, port: number): DatabaseUrls {
  const url = (role: DatabaseRole) =>
    postgresUrl(roleOf(service, role), secrets.databaseRoles[service][role], port, databaseOf(service));
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
