export { createServiceDatabase, inDatabase } from './databases.ts';
export { ensureTopics } from './ensure-topics.ts';
export { type KeycloakAdmin, keycloakAdmin } from './keycloak-admin.ts';
export { StackProblem } from './problem.ts';
export { demoBankFile, launchService, serviceEnv, v8Options } from './services.ts';
export { signIn } from './sign-in.ts';
export { type DatabaseUrls, readStack, type ServiceName, type Stack, type StaffLogin } from './stack.ts';
export { type PlatformOptions, type RunningPlatform, startPlatform } from './start-platform.ts';
export { type RunningStack, type ServerPart, startServers } from './start-servers.ts';
