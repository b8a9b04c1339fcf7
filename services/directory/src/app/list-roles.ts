import type { Role } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';

export const listRoles = (deps: { roles: readonly Role[] }) => async () => ({ roles: [...deps.roles] });
