export { createServiceDatabase, inDatabase, serviceDatabaseUrls } from './databases.ts';
export { ensureTopics } from './ensure-topics.ts';
export { type KeycloakAdmin, keycloakAdmin } from './keycloak-admin.ts';
export { StackProblem } from './problem.ts';
export { type DatabaseUrls, readStack, type ServiceName, type Stack, type StaffLogin, serviceNames } from './stack.ts';
export { type RunningStack, type ServerPart, type StartOptions, startServers } from './start-servers.ts';
export { readTopicsFile } from './topics-file.ts';
