export { type Authority, type Certificate, openAuthority } from './authority.ts';
export {
  applySteps,
  type DatabaseRole,
  databaseOf,
  databaseRoles,
  databaseStatement,
  handOverStatement,
  inDatabase,
  roleOf,
  roleStatements,
  serviceDatabaseSteps,
  serviceRoleSteps,
} from './database-steps.ts';
export { ensureRealm, type Realm } from './ensure-realm.ts';
export { ensureTopics } from './ensure-topics.ts';
export { type KeycloakAdmin, type KeycloakPlace, keycloakAdmin, Refusal } from './keycloak-admin.ts';
export { makeKeys, newSecret } from './make-secrets.ts';
export { fillPlaceholders } from './placeholders.ts';
export { Problem } from './problem.ts';
export { realmFile, secretClients } from './realm-file.ts';
export { believe } from './settings.ts';
export { eventually } from './wait.ts';
