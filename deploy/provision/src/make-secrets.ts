import { randomBytes } from 'node:crypto';
import type { Manifest } from '@bankcrm/manifest';
import { type DatabaseRole, databaseRoles, roleOf } from './database-steps.ts';
import { Problem } from './problem.ts';
import { secretClients } from './realm-file.ts';

/**
 * What only one installation knows, by the one who needs it: `customer`, `customer-owner` (for its migrations alone), `systems` (outside systems that call
 * in); then by its key: `database-url-request`, `oidc-client-secret`, `keys.json` …, of `systems` the client's id.
 */
export type Secrets = Record<string, Record<string, string>>;

/** 24 random bytes, in characters that stand for themselves in URLs, YAML and shells. */
export const newSecret = (): string => randomBytes(24).toString('base64url');

/** Keys as services read them: for each purpose one of 32 bytes, version 1, made where there is none. Those that are there stay, of other purposes too. */
export const makeKeys = (purposes: readonly string[], kept: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...Object.fromEntries(purposes.map((purpose) => [purpose, { '1': randomBytes(32).toString('base64') }])),
  ...kept,
});

/** Makes what is missing of the secrets of all services. `urlOf` gives the URL of a service's database for a role with its password. */
export function makeSecrets(
  manifests: readonly Manifest[],
  kept: Secrets,
  urlOf: (service: string, role: DatabaseRole, password: string) => string,
): Secrets {
  const clients = secretClients().map(({ clientId }) => clientId);
  const names = new Set(manifests.map(({ name }) => name));
  const systems = clients.filter((clientId) => !names.has(clientId));
  const url = (holder: string, service: string, role: DatabaseRole): Record<string, string> => {
    const key = `database-url-${role}`;
    return { [key]: kept[holder]?.[key] ?? urlOf(service, role, newSecret()) };
  };
  const made: Secrets = {};
  for (const { name, database, secrets } of manifests) {
    const keys = kept[name]?.['keys.json'];
    made[name] = {
      ...kept[name],
      ...(database ? { ...url(name, name, 'request'), ...url(name, name, 'worker') } : {}),
      ...(clients.includes(name) ? { 'oidc-client-secret': kept[name]?.['oidc-client-secret'] ?? newSecret() } : {}),
      ...(secrets.length > 0 ? { 'keys.json': `${JSON.stringify(makeKeys(secrets, keysOf(name, keys)), null, 2)}\n` } : {}),
    };
    if (database) made[`${name}-owner`] = { ...kept[`${name}-owner`], ...url(`${name}-owner`, name, 'owner') };
  }
  const ofSystems = Object.fromEntries(systems.map((clientId) => [clientId, kept.systems?.[clientId] ?? newSecret()]));
  return { ...made, systems: { ...kept.systems, ...ofSystems } };
}

function keysOf(service: string, text = '{}'): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // The cause would show the text, which is keys.
    throw new Problem(`The secrets hold keys.json of ${service}, which is no JSON.`);
  }
}

/** The passwords of a service's roles, out of their URLs. Throws `Problem` for one that is not there. */
export function rolePasswords(service: string, secrets: Secrets): Record<DatabaseRole, string> {
  const passwordOf = (role: DatabaseRole): string => {
    const holder = role === 'owner' ? `${service}-owner` : service;
    const url = secrets[holder]?.[`database-url-${role}`] ?? '';
    const password = URL.canParse(url) ? decodeURIComponent(new URL(url).password) : '';
    if (password === '')
      throw new Problem(
        `The secrets hold no password of ${roleOf(service, role)}: bankcrm-${holder} needs database-url-${role}.`,
      );
    return password;
  };
  return Object.fromEntries(databaseRoles.map((role) => [role, passwordOf(role)])) as Record<DatabaseRole, string>;
}

/** The variable by which the realm is told a client's secret, and that secret. */
export const clientSecrets = (secrets: Secrets): Record<string, string> =>
  Object.fromEntries(
    secretClients().map(({ clientId, variable }) => [
      variable,
      secrets[clientId]?.['oidc-client-secret'] ?? secrets.systems?.[clientId] ?? '',
    ]),
  );
