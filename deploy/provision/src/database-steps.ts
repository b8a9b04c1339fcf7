import type { Manifest } from '@bankcrm/manifest';
import pg from 'pg';
import { scramVerifier } from './scram.ts';

/** Database roles a service connects as. None is a superuser, none bypasses row-level security. */
export const databaseRoles = ['owner', 'request', 'worker'] as const;
export type DatabaseRole = (typeof databaseRoles)[number];

export const databaseOf = (service: string): string => `bankcrm_${service}`;
export const roleOf = (service: string, role: DatabaseRole): string => `${service}_${role}`;

/** One that is done always, or unless a query gives a row. */
export type Statement = string | { sql: string; unless: string };

/** Statements to be run in a database, one after the other and each by itself; in the administrator's own where none is named. */
export interface Step {
  database?: string;
  statements: Statement[];
}

/** What operators look into a database with, beside the extensions that a service's manifest names. */
const operatorsExtension = 'pg_stat_statements';

const { escapeIdentifier: id, escapeLiteral: text } = pg;

/** A role that signs in, with its password. One that is there gets the password again; one that row-level security does not hold is refused. */
export const roleStatements = (name: string, password: string): Statement[] => [
  {
    sql: `CREATE ROLE ${id(name)} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION`,
    unless: `SELECT FROM pg_roles WHERE rolname = ${text(name)}`,
  },
  `DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = ${text(name)} AND (rolsuper OR rolbypassrls))
    THEN RAISE EXCEPTION 'role ${name} is a superuser or bypasses row-level security: take that from it first'; END IF;
  END $$`,
  `ALTER ROLE ${id(name)} LOGIN PASSWORD ${text(scramVerifier(password))}`,
];

/** Order and case rules are the same on every machine; "C" order is also what row-level security can use an index with. */
export const databaseStatement = (name: string, owner: string): Statement => ({
  sql: `CREATE DATABASE ${id(name)} OWNER ${id(owner)} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'`,
  unless: `SELECT FROM pg_database WHERE datname = ${text(name)}`,
});

/** Migrations hand reviewed SECURITY DEFINER functions to the worker; the owner itself gains no view of rows by it. */
export const handOverStatement = (service: string): Statement => ({
  sql: `GRANT ${id(roleOf(service, 'worker'))} TO ${id(roleOf(service, 'owner'))} WITH INHERIT FALSE, SET TRUE`,
  unless: `SELECT WHERE pg_has_role(${text(roleOf(service, 'owner'))}, ${text(roleOf(service, 'worker'))}, 'SET')`,
});

/**
 * A service's three roles. Whoever runs this needs CREATEROLE and, of roles that are there already, to have made them.
 */
export const serviceRoleSteps = (service: string, passwords: Record<DatabaseRole, string>): Step[] => [
  {
    statements: [
      ...databaseRoles.flatMap((role) => roleStatements(roleOf(service, role), passwords[role])),
      handOverStatement(service),
    ],
  },
];

/** A database shaped like a service's own, of any name: owned by its owner role, open to its three roles and to nobody else. Needs CREATEDB. */
export function serviceDatabaseSteps(
  { name: service, database }: Pick<Manifest, 'name' | 'database'>,
  name = databaseOf(service),
): Step[] {
  const owner = roleOf(service, 'owner');
  const given = `SELECT FROM pg_auth_members WHERE roleid = ${text(owner)}::regrole AND member = current_user::regrole AND grantor = member AND inherit_option`;
  return [
    {
      statements: [
        // Only who has the owner's rights gives databases to it. They are taken back below.
        {
          sql: `GRANT ${id(owner)} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE`,
          unless: `SELECT WHERE pg_has_role(current_user, ${text(owner)}, 'USAGE')`,
        },
        databaseStatement(name, owner),
      ],
    },
    {
      database: name,
      statements: [
        extensionStatement(operatorsExtension, 'NOTICE'),
        ...(database?.extensions ?? []).map((extension) => extensionStatement(extension, 'EXCEPTION')),
        `REVOKE ALL ON DATABASE ${id(name)} FROM PUBLIC`,
        `GRANT CONNECT ON DATABASE ${id(name)} TO ${databaseRoles.map((role) => id(roleOf(service, role))).join(', ')}`,
        { sql: `REVOKE ${id(owner)} FROM CURRENT_USER`, unless: `SELECT WHERE NOT EXISTS (${given})` },
      ],
    },
  ];
}

/** An extension that only a superuser can make, or that the server does not have, is told by a notice or ends it all. */
const extensionStatement = (name: string, otherwise: 'NOTICE' | 'EXCEPTION'): Statement => ({
  sql: `DO $$ BEGIN CREATE EXTENSION ${id(name)};
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
  RAISE ${otherwise} 'The database % has not the extension ${name}: a superuser has to make it (CREATE EXTENSION ${id(name)}).', current_database();
END $$`,
  unless: `SELECT FROM pg_extension WHERE extname = ${text(name)}`,
});

/** The same as a script for psql, which can be run again. */
export const psqlScript = (steps: readonly Step[]): string =>
  [
    '\\set ON_ERROR_STOP on',
    ...steps.flatMap(({ database, statements }) => [
      ...(database === undefined ? [] : [`\\connect ${id(database)}`]),
      ...statements.map((statement) =>
        typeof statement === 'string'
          ? `${statement};`
          : `SELECT $bankcrm$${statement.sql}$bankcrm$ WHERE NOT EXISTS (${statement.unless})\\gexec`,
      ),
    ]),
    '',
  ].join('\n');

/** Does it all as the role of a URL. Throws what PostgreSQL says. */
export async function applySteps(adminUrl: string, steps: readonly Step[], onNotice?: (text: string) => void): Promise<void> {
  for (const { database, statements } of steps)
    await withClient(database === undefined ? adminUrl : inDatabase(adminUrl, database), async (client) => {
      client.on('notice', ({ message }) => onNotice?.(message ?? ''));
      for (const statement of statements) {
        if (typeof statement === 'string') await client.query(statement);
        else if ((await client.query(statement.unless)).rowCount === 0) await client.query(statement.sql);
      }
    });
}

/** The same server and user, another database. */
export function inDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 60_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
