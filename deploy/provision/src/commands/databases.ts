import { parseArgs } from 'node:util';
import { type Manifest, readManifests } from '@bankcrm/manifest';
import {
  applySteps,
  type DatabaseRole,
  databaseRoles,
  psqlScript,
  serviceDatabaseSteps,
  serviceRoleSteps,
  withClient,
} from '../database-steps.ts';
import { passwordVariable } from '../env-files.ts';
import { fromKubernetes } from '../kubernetes-secrets.ts';
import { rolePasswords } from '../make-secrets.ts';
import { Problem } from '../problem.ts';
import { type Environment, readSetting, requireEncrypted, settingOf } from '../settings.ts';

const header = `-- Roles and databases of BankCRM, for psql as a role with CREATEDB and CREATEROLE, on PostgreSQL 17 or newer. It can be run again.
-- Passwords stand here as SCRAM verifiers: PostgreSQL can check a password by one, and nobody can sign in with it.
`;

/** `databases [--from file] [--apply]`: passwords are those of a file that `secrets` printed, or of CUSTOMER_OWNER_PASSWORD and its like. */
export async function databases(args: string[], env: Environment): Promise<void> {
  const { values } = parseArgs({ args, options: { from: { type: 'string' }, apply: { type: 'boolean', default: false } } });
  const manifests = readManifests().filter(({ database }) => database !== undefined);
  const passwords = values.from === undefined ? passwordsOf(env, manifests) : passwordsIn(values.from, manifests);
  const steps = manifests.flatMap((manifest) => [
    ...serviceRoleSteps(manifest.name, passwords.get(manifest.name)!),
    ...serviceDatabaseSteps(manifest),
  ]);
  if (!values.apply) return void process.stdout.write(header + psqlScript(steps));
  const url = adminUrl(env);
  try {
    await withClient(url.href, requireFit);
    await applySteps(url.href, steps, console.log);
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    const { message, code } = cause as Error & { code?: string };
    throw new Problem(`PostgreSQL at ${url.host}, by DATABASE_ADMIN_URL: ${message || code}`, { cause });
  }
  console.log(`PostgreSQL at ${url.host} has the roles and databases of: ${manifests.map(({ name }) => name).join(', ')}.`);
}

type Passwords = Map<string, Record<DatabaseRole, string>>;

function passwordsIn(file: string, manifests: readonly Manifest[]): Passwords {
  const secrets = fromKubernetes(readSetting('--from', file).toString('utf8'), file);
  return new Map(manifests.map(({ name }) => [name, rolePasswords(name, secrets)]));
}

function passwordsOf(env: Environment, manifests: readonly Manifest[]): Passwords {
  const names = manifests.flatMap(({ name }) => databaseRoles.map((role) => passwordVariable(name, role)));
  const missing = names.filter((name) => settingOf(env, name) === undefined);
  if (missing.length > 0)
    throw new Problem(`Give --from the file that the command secrets printed, or set ${missing.join(', ')}.`);
  return new Map(
    manifests.map(({ name }) => [
      name,
      Object.fromEntries(databaseRoles.map((role) => [role, settingOf(env, passwordVariable(name, role))!])) as Record<
        DatabaseRole,
        string
      >,
    ]),
  );
}

function adminUrl(env: Environment): URL {
  const text = settingOf(env, 'DATABASE_ADMIN_URL') ?? '';
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text))
    throw new Problem(
      'Set DATABASE_ADMIN_URL to postgresql://role:password@host:port/postgres of a role with CREATEDB and CREATEROLE.',
    );
  const url = new URL(text);
  requireEncrypted(env, 'DATABASE_ADMIN_URL', {
    url,
    isEncrypted: url.searchParams.getAll('sslmode').at(-1) === 'verify-full',
    remedy: 'add sslmode=verify-full and sslrootcert',
  });
  return url;
}

async function requireFit(client: Parameters<Parameters<typeof withClient>[1]>[0]): Promise<void> {
  const { rows } = await client.query<{ fit: boolean; version: number }>(
    `SELECT rolsuper OR (rolcreatedb AND rolcreaterole) AS fit, current_setting('server_version_num')::int AS version
     FROM pg_roles WHERE rolname = current_user`,
  );
  if (!rows[0]?.fit) throw new Problem('The role of DATABASE_ADMIN_URL needs CREATEDB and CREATEROLE.');
  if (rows[0].version < 170_000) throw new Problem('BankCRM needs PostgreSQL 17 or newer.');
}
