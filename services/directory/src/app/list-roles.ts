import type { Role } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';

/** The built-in roles with their permissions, in the order of the permission table. */
export const listRoles = (deps: { roles: readonly Role[] }) => async () => ({ roles: [...deps.roles] });
