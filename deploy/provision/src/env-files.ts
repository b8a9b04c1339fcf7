import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '@bankcrm/manifest';
import { databaseRoles } from './database-steps.ts';
import { clientSecrets, rolePasswords, type Secrets } from './make-secrets.ts';

/** The variable in which a service reads what stands under a key. */
const variableOf = (holder: string, key: string): string =>
  (holder === 'systems' ? `${key}_CLIENT_SECRET` : key).replaceAll('-', '_').toUpperCase();

/** In which the command `databases` finds the password of a role. */
export const passwordVariable = (service: string, role: string): string => `${service}_${role}_PASSWORD`.toUpperCase();

/**
 * Writes the secrets as files that their owner alone may read: `<name>.env` with what one needs, `<service>-keys.json`, and for the commands of this package `realm.env`
 * and `databases.env`.
 */
export function writeEnvFiles(folder: string, secrets: Secrets, manifests: readonly Manifest[]): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    chmodSync(join(folder, name), 0o600);
  };
  const writeEnv = (name: string, values: Record<string, string>): void =>
    write(
      `${name}.env`,
      Object.entries(values)
        .map(([variable, value]) => `${variable}=${value}\n`)
        .join(''),
    );
  for (const [name, { 'keys.json': keys, ...texts }] of Object.entries(secrets)) {
    writeEnv(name, Object.fromEntries(Object.entries(texts).map(([key, value]) => [variableOf(name, key), value])));
    if (keys !== undefined) write(`${name}-keys.json`, keys);
  }
  writeEnv('realm', clientSecrets(secrets));
  const withDatabase = manifests.filter(({ database }) => database !== undefined);
  writeEnv(
    'databases',
    Object.fromEntries(
      withDatabase.flatMap(({ name }) =>
        databaseRoles.map((role) => [passwordVariable(name, role), rolePasswords(name, secrets)[role]]),
      ),
    ),
  );
}

/** What {@link writeEnvFiles} wrote; nothing where there is no such folder. */
export function readEnvFiles(folder: string): Secrets {
  if (!existsSync(folder)) return {};
  const secrets: Secrets = {};
  for (const file of readdirSync(folder)) {
    const [, name, kind] = /^(.+?)(-keys\.json|\.env)$/.exec(file) ?? [];
    if (!name || name === 'realm' || name === 'databases') continue;
    const text = readFileSync(join(folder, file), 'utf8');
    secrets[name] = { ...secrets[name], ...(kind === '.env' ? readEnv(name, text) : { 'keys.json': text }) };
  }
  return secrets;
}

const readEnv = (holder: string, text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => {
        const [variable = '', ...value] = line.split('=');
        const key = holder === 'systems' ? variable.replace(/_CLIENT_SECRET$/, '') : variable;
        return [key.toLowerCase().replaceAll('_', '-'), value.join('=')];
      }),
  );
