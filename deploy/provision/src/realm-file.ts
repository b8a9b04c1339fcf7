import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@bankcrm/manifest';

/** The shipped realm. */
export const realmFile = join(repositoryRoot, 'deploy', 'keycloak', 'realm-bankcrm.json');

/** The clients of the shipped realm that have a secret, each with the variable in which the realm expects it. */
export function secretClients(): { clientId: string; variable: string }[] {
  const { clients } = JSON.parse(readFileSync(realmFile, 'utf8')) as { clients: { clientId: string; secret?: string }[] };
  return clients.flatMap(({ clientId, secret }) => {
    const variable = /^\$\{(\w+)\}$/.exec(secret ?? '')?.[1];
    return variable === undefined ? [] : [{ clientId, variable }];
  });
}
