import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/** Which customers a role sees; see CustomerScope in `directory.proto`. */
export const roleScopes = ['NONE', 'SERVED', 'PORTFOLIO', 'SUBTREE', 'BANK'] as const;
export type RoleScope = (typeof roleScopes)[number];

const permission = z.string().regex(/^[a-z-]+\.[a-z-]+\.[a-z-]+$/);

const Table = z.strictObject({
  extra: z.array(permission),
  everyone: z.array(permission),
  roles: z.record(
    z.string(),
    z.strictObject({
      name: z.strictObject({ zh: z.string(), en: z.string() }),
      scope: z.enum(roleScopes),
      permissions: z.array(permission),
    }),
  ),
  services: z.record(z.string(), z.array(permission)),
  anonymous: z.array(z.string().regex(/^bankcrm\.[\w.]+\/\w+$/)),
});

export type PermissionTable = z.infer<typeof Table>;

/** The reviewed table of built-in roles and systems, `permissions.yaml`. */
export const permissionTable: PermissionTable = Table.parse(
  parse(readFileSync(new URL('../permissions.yaml', import.meta.url), 'utf8')),
);

/** What everybody who signs in may do. */
export const everyonesPermissions: ReadonlySet<string> = new Set(permissionTable.everyone);
