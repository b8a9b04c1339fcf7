import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPermissionTable } from '@bankcrm/access';
import type { Manifest } from '@bankcrm/manifest';

interface Realm {
  clients: object[];
  users?: object[];
}

/** A client that gets tokens for itself, or only checks those of others. */
interface Principal {
  clientId: string;
  name: string;
  description: string;
  /** Roles of Keycloak's realm-management that its service account has. */
  realmRoles?: readonly string[];
}

const noGrants = { standardFlowEnabled: false, implicitFlowEnabled: false, directAccessGrantsEnabled: false };
const common = { enabled: true, protocol: 'openid-connect' };

/** The shipped realm: `realm-base.json` with a client for each service and each outside system. */
export function realm(manifests: readonly Manifest[], root: string): string {
  const base = JSON.parse(readFileSync(join(root, 'deploy/keycloak/realm-base.json'), 'utf8')) as Realm;
  const { systems } = readPermissionTable(join(root, 'libs/access'));
  const principals: Principal[] = [
    ...manifests
      .filter(({ serves }) => serves === 'grpc')
      .map(({ name, purpose, realmRoles }) => ({ clientId: name, name: `BankCRM ${name}`, description: purpose, realmRoles })),
    ...Object.entries(systems).map(([clientId, { name, description }]) => ({ clientId, name, description })),
  ];
  const clients = [
    ...base.clients,
    ...manifests.filter(({ serves }) => serves === 'http').map(bearerOnlyClient),
    ...principals.map(serviceAccountClient),
  ];
  const withRoles = principals.filter(({ realmRoles = [] }) => realmRoles.length > 0);
  const clientScopeMappings = {
    'realm-management': withRoles.map(({ clientId, realmRoles }) => ({ client: clientId, roles: realmRoles })),
  };
  return `${JSON.stringify({ ...base, clients, clientScopeMappings, users: principals.map(serviceAccount) }, null, 2)}\n`;
}

/** Receives tokens, asks for none. */
const bearerOnlyClient = ({ name, purpose }: Manifest): object => ({
  clientId: name,
  name: `BankCRM ${name}`,
  description: purpose,
  ...common,
  bearerOnly: true,
  ...noGrants,
  serviceAccountsEnabled: false,
  fullScopeAllowed: false,
  clientAuthenticatorType: 'client-secret',
  secret: secretOf(name),
  defaultClientScopes: ['bankcrm-audience'],
  optionalClientScopes: [],
});

const serviceAccountClient = ({ clientId, name, description, realmRoles = [] }: Principal): object => ({
  clientId,
  name,
  description,
  ...common,
  publicClient: false,
  ...noGrants,
  serviceAccountsEnabled: true,
  fullScopeAllowed: false,
  clientAuthenticatorType: 'client-secret',
  secret: secretOf(clientId),
  attributes: { 'oauth2.device.authorization.grant.enabled': 'false', 'oidc.ciba.grant.enabled': 'false' },
  // `roles` puts the account's roles into its tokens: only who has some needs them there.
  defaultClientScopes: ['basic', 'profile', ...(realmRoles.length > 0 ? ['roles'] : []), 'service_account', 'bankcrm-audience'],
  optionalClientScopes: [],
});

const serviceAccount = ({ clientId, realmRoles = [] }: Principal): object => ({
  username: `service-account-${clientId}`,
  enabled: true,
  serviceAccountClientId: clientId,
  ...(realmRoles.length > 0 ? { clientRoles: { 'realm-management': realmRoles } } : {}),
});

const secretOf = (clientId: string): string => `\${${clientId.replaceAll('-', '_').toUpperCase()}_CLIENT_SECRET}`;
