import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureRealm, fillPlaceholders, keycloakAdmin, type Realm, Refusal, realmFile } from '@bankcrm/provision';
import { repositoryRoot } from './paths.ts';
import { StackProblem } from './problem.ts';
import type { Stack } from './stack.ts';

type Client = { clientId: string };
type Overlay = { realm: Record<string, unknown>; clients: Client[] };

const overlayFile = join(repositoryRoot, 'deploy', 'keycloak', 'local-overlay.json');

/**
 * Brings the realm up to the shipped one with what only a developer's machine has laid over it: the password grant's client, Swagger UI's address, the mail
 * sink. Done at every start, since the addresses move with the port base and the files change.
 */
export async function applyOverlay(stack: Pick<Stack, 'keycloak'>, placeholders: Record<string, string>): Promise<void> {
  const read = <T>(file: string): T => fillPlaceholders(JSON.parse(readFileSync(file, 'utf8')) as T, placeholders, file);
  const [shipped, overlay] = [read<Realm>(realmFile), read<Overlay>(overlayFile)];
  const admin = await keycloakAdmin(stack).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    throw new StackProblem(`${error.message} Its data and secrets.json are not of one stack: npm start -- --fresh`);
  });
  await ensureRealm(admin, { ...shipped, ...overlay.realm, clients: overlaid(shipped.clients ?? [], overlay.clients) });
}

/** Each client with what the overlay says of it, and those that only the overlay has. */
const overlaid = (shipped: Client[], overlay: Client[]): Client[] => [
  ...shipped.map((client) => ({ ...client, ...overlay.find(({ clientId }) => clientId === client.clientId) })),
  ...overlay.filter(({ clientId }) => !shipped.some((client) => client.clientId === clientId)),
];
