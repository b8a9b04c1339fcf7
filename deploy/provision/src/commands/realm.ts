import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureRealm, type Realm } from '../ensure-realm.ts';
import { type KeycloakPlace, keycloakAdmin } from '../keycloak-admin.ts';
import { fillPlaceholders, placeholdersOf } from '../placeholders.ts';
import { Problem } from '../problem.ts';
import { realmFile } from '../realm-file.ts';
import { believe, type Environment, requireEncrypted, settingOf } from '../settings.ts';

/** `realm [--dry-run]` */
export async function realm(args: string[], env: Environment): Promise<void> {
  const { values } = parseArgs({ args, options: { 'dry-run': { type: 'boolean', default: false } } });
  const dryRun = values['dry-run'];
  const text = readFileSync(realmFile, 'utf8');
  const settings = Object.fromEntries(placeholdersOf(text).map((name) => [name, settingOf(env, name)]));
  const wanted = fillPlaceholders(JSON.parse(text) as Realm, settings, 'the realm');
  const keycloak = placeOf(env);
  if (env.KEYCLOAK_CA_FILE) believe('KEYCLOAK_CA_FILE', env.KEYCLOAK_CA_FILE);
  const changes = await ensureRealm(await keycloakAdmin({ keycloak }), wanted, { dryRun });
  for (const change of changes) console.log(`${dryRun ? 'would be changed: ' : ''}${change}`);
  if (changes.length === 0) console.log(`The realm ${wanted.realm} is as it is shipped.`);
}

function placeOf(env: Environment): KeycloakPlace {
  const baseUrl = settingOf(env, 'KEYCLOAK_URL')?.replace(/\/+$/, '');
  if (!baseUrl || !URL.canParse(baseUrl))
    throw new Problem('Set KEYCLOAK_URL to where Keycloak answers: https://host[:port][/path].');
  const url = new URL(baseUrl);
  requireEncrypted(env, 'KEYCLOAK_URL', { url, isEncrypted: url.protocol === 'https:', remedy: 'use https' });
  const [username, password] = [settingOf(env, 'KEYCLOAK_ADMIN_USERNAME'), settingOf(env, 'KEYCLOAK_ADMIN_PASSWORD')];
  if (username && password) return { baseUrl, admin: { username, password } };
  const [clientId, clientSecret] = [settingOf(env, 'KEYCLOAK_ADMIN_CLIENT_ID'), settingOf(env, 'KEYCLOAK_ADMIN_CLIENT_SECRET')];
  if (clientId && clientSecret) return { baseUrl, admin: { clientId, clientSecret } };
  throw new Problem(
    'Set KEYCLOAK_ADMIN_USERNAME and KEYCLOAK_ADMIN_PASSWORD, or KEYCLOAK_ADMIN_CLIENT_ID and KEYCLOAK_ADMIN_CLIENT_SECRET, of an administrator in the realm master.',
  );
}
