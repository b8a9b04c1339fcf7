import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Manifest } from '@bankcrm/manifest';
import { type DatabaseRole, databaseRoles, makeKeys, newSecret, secretClients } from '@bankcrm/provision';
import { readJson, writePrivateJson } from './files.ts';
import { layout } from './paths.ts';

/** What only this machine knows; made at the first start. */
export type Secrets = {
  postgresSuperuser: string;
  databaseRoles: Record<string, Record<DatabaseRole, string>>;
  keycloakDatabase: string;
  keycloakAdmin: string;
  /** Of the one user of Kafka's encrypted port. */
  kafka: string;
  oidcClients: Record<string, string>;
  /** One password for all demo staff of a role. */
  staffByRole: Record<string, string>;
};

/** Long, typeable, and within the realm's password policy whatever the random part is. */
export const newStaffPassword = () => `Demo-${randomBytes(6).toString('hex')}-7Z`;

/** The stack's secrets: read, or made and kept. Parts added by a newer version are filled in without touching the others. */
export function loadSecrets(dir: string, manifests: readonly Manifest[]): Secrets {
  const databases = manifests.filter(({ database }) => database !== undefined).map(({ name }) => name);
  const clients = secretClients().map(({ clientId }) => clientId);
  const path = layout(dir).secretsFile;
  const kept = (readJson(path) ?? {}) as Partial<Secrets>;
  const secrets: Secrets = {
    postgresSuperuser: kept.postgresSuperuser ?? newSecret(),
    databaseRoles: {
      ...kept.databaseRoles,
      ...fill(databases, (service) => fill(databaseRoles, (role) => kept.databaseRoles?.[service]?.[role] ?? newSecret())),
    },
    keycloakDatabase: kept.keycloakDatabase ?? newSecret(),
    keycloakAdmin: kept.keycloakAdmin ?? newSecret(),
    kafka: kept.kafka ?? newSecret(),
    oidcClients: { ...kept.oidcClients, ...fill(clients, (client) => kept.oidcClients?.[client] ?? newSecret()) },
    staffByRole: kept.staffByRole ?? {},
  };
  saveSecrets(dir, secrets);
  return secrets;
}

export function saveSecrets(dir: string, secrets: Secrets): void {
  writePrivateJson(layout(dir).secretsFile, secrets);
}

/**
 * The key file of a service, which the file-based key ports read: one 32-byte key for each purpose that its manifest names, version 1, made where
 * there is none. Returns its path; undefined for a service without keys.
 */
export function ensureKeys(dir: string, { name, secrets }: Pick<Manifest, 'name' | 'secrets'>): string | undefined {
  if (secrets.length === 0) return undefined;
  const path = join(layout(dir).keysDir, `${name}.json`);
  const kept = (readJson(path) ?? {}) as Record<string, unknown>;
  writePrivateJson(path, makeKeys(secrets, kept));
  return path;
}

function fill<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;
}
