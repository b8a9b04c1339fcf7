export type { Backend, Consumers, Own, Platform } from './backend.ts';
export { type CommandDeps, command, type Done } from './command.ts';
export { type Database, sqlDatabase } from './database.ts';
export { migrateService } from './migrate-service.ts';
export { openParts, type Parts } from './parts.ts';
export { type BackendConfig, placementSettings, staffSettings } from './settings.ts';
export { startBackend } from './start-backend.ts';
