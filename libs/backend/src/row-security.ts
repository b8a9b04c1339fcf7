import type { Log } from '@bankcrm/service';
import type pg from 'pg';
import type { Platform } from './backend.ts';

export interface Watched {
  /** The service's own schema; those of the libraries are watched with it. */
  schema: string;
  requests: pg.Pool;
  workers: pg.Pool;
  log: Pick<Log, 'error' | 'info'>;
  repeat: Platform<unknown>['repeat'];
  everyMs: number;
}

/** What a look finds: sentences of what is open, each naming its table or role, and the text of every policy by its name. */
interface Findings {
  open: string[];
  policies: Readonly<Record<string, string>>;
}

/** Rows that no caller decides about: positions in Kafka, and events on their way there, which requests can only add to. */
const withoutCaller = ['events.entry_counter', 'events.kafka_offset', 'events.outbox'];

/**
 * Looks at once and every so often whether row-level security is what the migrations made it; an owner or a superuser can switch it off at any time. `holds`:
 * it is enabled and forced, no policy shows the request role rows without asking who calls, and neither role can pass it by. `unchanged`: every policy is the
 * one of the start; a newer replica's migration changes them too, so this is no reason to take no traffic.
 */
export async function watchRowSecurity(watched: Watched): Promise<{ holds: () => boolean; unchanged: () => boolean }> {
  const { log, repeat, everyMs } = watched;
  const tell = teller(log);
  let { open, policies: first } = await find(watched);
  let changed: string[] = [];
  const conclude = (): void => {
    tell('row-level security does not hold', open);
    tell('policies are no longer those of the start', changed);
  };
  conclude();
  repeat('look-at-row-security', everyMs, async () => {
    const found = await find(watched);
    open = found.open;
    changed = changedPolicies(first, found.policies);
    conclude();
  });
  return { holds: () => open.length === 0, unchanged: () => changed.length === 0 };
}

/** Logs a finding when it differs from the one before. */
function teller(log: Watched['log']): (what: string, faults: readonly string[]) => void {
  const told = new Map<string, string>();
  return (what, faults) => {
    const text = faults.join('; ');
    if (text === (told.get(what) ?? '')) return;
    told.set(what, text);
    if (text === '') log.info({ was: what }, 'row-level security is mended');
    else log.error({ faults }, what);
  };
}

/** Names of policies that came, went or say something else. */
export const changedPolicies = (before: Findings['policies'], now: Findings['policies']): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => before[name] !== now[name]).sort();

async function find({ schema, requests, workers }: Pick<Watched, 'schema' | 'requests' | 'workers'>): Promise<Findings> {
  const schemas = [schema, 'events', 'requests', 'scope'];
  const [ofTables, ofPolicies, ofRequests, ofWorkers] = await Promise.all([
    requests.query<{ fault: string }>(tableFaults, [schemas, withoutCaller]),
    requests.query<{ name: string; text: string; open: boolean }>(policiesOf, [schemas]),
    requests.query<{ fault: string }>(roleFaults, [schemas]),
    workers.query<{ fault: string }>(roleFaults, [schemas]),
  ]);
  const open = ofPolicies.rows.filter((policy) => policy.open).map(({ name }) => `policy ${name} asks nobody who calls`);
  return {
    open: [...[ofTables, ofRequests, ofWorkers].flatMap(({ rows }) => rows.map(({ fault }) => fault)), ...open],
    policies: Object.fromEntries(ofPolicies.rows.map(({ name, text }) => [name, text])),
  };
}

/** Materialised views and foreign tables cannot have it: they have no place in a service's schema. */
const tableFaults = `
  SELECT format('%s.%s %s', n.nspname, c.relname, CASE WHEN c.relrowsecurity
    THEN 'does not force row-level security' ELSE 'has row-level security disabled' END) AS fault
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname = ANY ($1) AND format('%s.%s', n.nspname, c.relname) <> ALL ($2)
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
  ORDER BY 1`;

/**
 * Open: it shows rows to the role that asks, and its condition has neither a setting of the caller nor another table or function of ours in it, `true` above
 * all. A policy for another role counts where this one is a member of it.
 */
const policiesOf = `
  SELECT format('%s of %s.%s', policyname, schemaname, tablename) AS name, policy::text AS text,
    permissive = 'PERMISSIVE' AND cmd <> 'INSERT' AND coalesce(qual, 'true') !~ 'current_setting|SELECT|\\w\\.\\w+\\('
      AND EXISTS (
        SELECT FROM unnest(roles) AS to_role
        WHERE CASE WHEN to_role = 'public' THEN true ELSE pg_has_role(current_user, to_role, 'MEMBER') END) AS open
  FROM pg_policies AS policy WHERE schemaname = ANY ($1)
  ORDER BY schemaname, tablename, policyname`;

/** Of the role that asks. A worker owns the functions that run in its name, and nothing else. */
const roleFaults = `
  WITH me AS (SELECT oid, rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname IN (current_user, session_user))
  SELECT format('role %s is a superuser', rolname) AS fault FROM me WHERE rolsuper
  UNION
  SELECT format('role %s bypasses row-level security', rolname) FROM me WHERE rolbypassrls
  UNION
  SELECT format('role %s is a member of %s, which %s', me.rolname, other.rolname,
    CASE WHEN other.rolsuper THEN 'is a superuser' WHEN other.rolbypassrls THEN 'bypasses row-level security' ELSE 'owns tables' END)
  FROM me JOIN pg_roles AS other ON other.oid <> me.oid AND pg_has_role(me.oid, other.oid, 'MEMBER')
  WHERE NOT me.rolsuper AND (other.rolsuper OR other.rolbypassrls OR EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relowner = other.oid AND n.nspname = ANY ($1)))
  UNION
  SELECT format('role %s owns %s', me.rolname, pg_describe_object(owned.classid, owned.objid, owned.objsubid))
  FROM me JOIN pg_shdepend AS owned ON owned.refclassid = 'pg_authid'::regclass AND owned.refobjid = me.oid AND owned.deptype = 'o'
  WHERE owned.classid <> 'pg_proc'::regclass
    AND owned.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  ORDER BY 1`;
