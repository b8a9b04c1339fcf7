import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

/** Which customers a role sees, several together; none of them: none. See CustomerScope in `directory.proto`. */
export const roleScopes = ['SERVED', 'PORTFOLIO', 'SUBTREE', 'BANK', 'TICKETS'] as const;
export type RoleScope = (typeof roleScopes)[number];

const permission = z.string().regex(/^[a-z-]+\.[a-z-]+\.[a-z-]+$/);

const Table = z.strictObject({
  extra: z.array(permission),
  everyone: z.array(permission),
  byGrant: z.array(permission),
  roles: z.record(
    z.string(),
    z.strictObject({
      name: z.strictObject({ zh: z.string(), en: z.string() }),
      scopes: z.array(z.enum(roleScopes)),
      permissions: z.array(permission),
    }),
  ),
  systems: z.record(z.string(), z.strictObject({ name: z.string(), description: z.string(), permissions: z.array(permission) })),
  anonymous: z.array(z.string().regex(/^bankcrm\.[\w.]+\/\w+$/)),
});
const ServicePermissions = z.record(z.string(), z.array(permission));

export type PermissionTable = z.infer<typeof Table>;

const ownFolder = fileURLToPath(new URL('..', import.meta.url));
const read = (folder: string, file: string): unknown => parse(readFileSync(join(folder, file), 'utf8'));

/** The reviewed table of built-in roles and outside systems, `permissions.yaml`. */
export const readPermissionTable = (folder = ownFolder): PermissionTable => Table.parse(read(folder, 'permissions.yaml'));

export const permissionTable: PermissionTable = readPermissionTable();

/** The roles that a post may have: every one but those of outside systems, which sign in under their own names. */
export const rolesOfPeople = ({ roles, systems }: PermissionTable): ReadonlySet<string> =>
  new Set(Object.keys(roles).filter((role) => !Object.hasOwn(systems, role)));

/** What systems may do under their own names, by client id: outside ones, and our services as their manifests say. */
export const systemPermissions: ReadonlyMap<string, readonly string[]> = new Map([
  ...Object.entries(permissionTable.systems).map(([id, { permissions }]) => [id, permissions] as const),
  ...Object.entries(ServicePermissions.parse(read(ownFolder, 'service-permissions.yaml'))),
]);

/** What everybody who signs in may do. */
export const everyonesPermissions: ReadonlySet<string> = new Set(permissionTable.everyone);

/** Calls in which access grants count: what these permissions allow. */
export const permissionsByGrant: ReadonlySet<string> = new Set(permissionTable.byGrant);
