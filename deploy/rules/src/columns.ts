import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { migrateService } from '@bankcrm/backend';
import { createServiceDatabase, ensureServiceRoles, inDatabase, roleOf } from '@bankcrm/local';
import { type Manifest, readManifests } from '@bankcrm/manifest';
import pg from 'pg';
import type { Rules } from './rule.ts';

/** Tables of ours, with each column's comment and whether row-level security is forced. */
const catalogue = `
  SELECT n.nspname AS "schema", format('%s.%s', n.nspname, c.relname) AS "table", a.attname AS "column",
    col_description(c.oid, a.attnum) AS comment, c.relrowsecurity AND c.relforcerowsecurity AS forced
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped AND c.relname !~ '_migrations$'`;

interface Column {
  schema: string;
  table: string;
  column: string;
  comment: string | null;
  forced: boolean;
}

const classes = /^(C1|C2 sealed|C2 financial)\b/;

/** Migrates a database of its own as the service does, and says what came of it. */
async function columnsOf(superuserUrl: string, root: string, manifest: Manifest): Promise<Column[]> {
  const { name } = manifest;
  const database = `rules_${name}_${randomBytes(6).toString('hex')}`;
  await ensureServiceRoles(superuserUrl, name);
  await createServiceDatabase(superuserUrl, manifest, database);
  const owner = new URL(inDatabase(superuserUrl, database));
  owner.searchParams.set('options', `-c role=${roleOf(name, 'owner')}`);
  try {
    await migrateService(owner.href, join(root, 'services', name));
    return await withClient(
      owner.href,
      async (client) => (await client.query<Column>(catalogue, [[name, 'events', 'requests', 'scope']])).rows,
    );
  } finally {
    await withClient(superuserUrl, (client) => client.query(`DROP DATABASE ${client.escapeIdentifier(database)}`));
  }
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The rules of columns, on a real PostgreSQL: of all services of a tree, or of those named. */
export function columnRules(superuserUrl: string, only?: readonly string[]): Rules {
  const columns = async (root: string): Promise<Column[]> => {
    const manifests = readManifests(root).filter(({ name, database }) => database && (only?.includes(name) ?? true));
    return (await Promise.all(manifests.map((manifest) => columnsOf(superuserUrl, root, manifest)))).flat();
  };
  return {
    'gives every column a data class': async (root) =>
      (await columns(root))
        .filter(({ comment }) => !classes.test(comment ?? ''))
        .map(({ table, column }) => `${table}.${column}`),

    'forces row-level security on every table of its own': async (root) => {
      const open = (await columns(root)).filter(({ schema, forced }) => !forced && schema !== 'events' && schema !== 'requests');
      return [...new Set(open.map(({ table }) => table))];
    },
  };
}
