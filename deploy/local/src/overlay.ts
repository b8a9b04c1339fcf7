import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KeycloakAdmin, keycloakAdmin } from './keycloak-admin.ts';
import { repositoryRoot } from './paths.ts';
import { fillPlaceholders } from './placeholders.ts';
import type { Stack } from './stack.ts';

type Client = { id?: string; clientId: string };
type Overlay = { realm: Record<string, unknown>; clients: Client[] };

const overlayFile = join(repositoryRoot, 'deploy', 'keycloak', 'local-overlay.json');

/**
 * Lays what only a developer's machine has over the shipped realm: the password grant's client, Swagger UI's address, the mail sink.
 * Done at every start, since the addresses move with the port base.
 */
export async function applyOverlay(stack: Pick<Stack, 'keycloak'>, placeholders: Record<string, string>): Promise<void> {
  const overlay = JSON.parse(
    fillPlaceholders(readFileSync(overlayFile, 'utf8'), asJsonText(placeholders), overlayFile),
  ) as Overlay;
  const admin = await keycloakAdmin(stack);
  await admin(`/${stack.keycloak.realm}`, { method: 'PUT', body: overlay.realm });
  for (const client of overlay.clients) await putClient(admin, stack.keycloak.realm, client);
}

async function putClient(admin: KeycloakAdmin, realm: string, client: Client): Promise<void> {
  const [present] = await admin<Client[]>(`/${realm}/clients?clientId=${encodeURIComponent(client.clientId)}`);
  if (present?.id === undefined) await admin(`/${realm}/clients`, { method: 'POST', body: client });
  else await admin(`/${realm}/clients/${present.id}`, { method: 'PUT', body: { ...present, ...client } });
}

/** What stands between the quotes of a JSON text. */
const asJsonText = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value).slice(1, -1)]));
