export { ensureTopics, type KeycloakAdmin, keycloakAdmin } from '@bankcrm/provision';
export { type ComposeServer, type Containers, composeServers } from './containers.ts';
export { createServiceDatabase, ensureServiceRoles, inDatabase, roleOf } from './databases.ts';
export { freePortBase } from './free-ports.ts';
export { type GoTool, goModule, goTool } from './go-tools.ts';
export { type KafkaAccess, kafkaAccess } from './kafka-access.ts';
export { keep } from './keep.ts';
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
export type { ServerCertificate } from './tls.ts';
export { toolFolder } from './tools.ts';
export { coreTopics, untilSynced } from './until-synced.ts';
