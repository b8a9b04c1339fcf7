export { createServiceDatabase, ensureServiceRoles, inDatabase, roleOf } from './databases.ts';
export { ensureTopics } from './ensure-topics.ts';
export { freePortBase } from './free-ports.ts';
export { type GoTool, goModule, goTool } from './go-tools.ts';
export { keep } from './keep.ts';
export { type KeycloakAdmin, keycloakAdmin } from './keycloak-admin.ts';
export { StackProblem } from './problem.ts';
export { demoBankFile, launchService, manifestOf, serviceEnv } from './services.ts';
export { signIn } from './sign-in.ts';
export { type DatabaseUrls, databasesOf, placeOf, readStack, type ServiceName, type Stack, type StaffLogin } from './stack.ts';
export {
  type PlatformOptions,
  type RunningServices,
  startPlatform,
  startServices,
} from './start-platform.ts';
export { type RunningStack, type ServerPart, startServers } from './start-servers.ts';
export { toolFolder } from './tools.ts';
export { coreTopics, untilSynced } from './until-synced.ts';
