import { readManifests } from '@bankcrm/manifest';

/** What the platform knows of its services. */
export const manifests = readManifests();

/** Every service of the platform. */
export const services = manifests.map(({ name }) => name);
/** Those that keep rows of their own. */
export const servicesWithDatabase = manifests.filter(({ database }) => database !== undefined).map(({ name }) => name);
/** Those that answer calls of others. */
export const servicesWithCalls = manifests.filter(({ serves }) => serves === 'grpc').map(({ name }) => name);
/** Service accounts that may do something for themselves, or nothing. */
export const permissionsOfServices = new Map(manifests.map(({ name, permissions }) => [name, permissions]));
