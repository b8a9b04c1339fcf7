import type { PostHolder, StaffCaller } from './caller.ts';
import { everyonesPermissions, permissionsByGrant } from './permission-table.ts';

/**
 * The person in a call that needs a permission; undefined where none of the posts has it.
 *
 * A call is made through the posts that have its permission, and through no other. Their customers together are its scope. What an
 * operation asks for besides counts only where each of them has it: rows do not tell through which post they are seen, so the caller
 * sees less of some rather than too much of others. An `rm` who is also `admin` sees the whole bank without amounts, the own portfolio
 * included, and reveals in the own portfolio alone.
 *
 * An access grant counts where one of these posts may get customers, in the calls that `byGrant` of the permission table names and in no other.
 */
export function callerThrough(holder: PostHolder, permission: string): StaffCaller | undefined {
  const posts = holder.posts.filter((post) => post.permissions.has(permission));
  if (posts.length === 0 && !everyonesPermissions.has(permission)) return undefined;
  const [first = everyonesPermissions, ...others] = posts.map(({ permissions }) => permissions);
  const scopes = posts.map(({ scope }) => scope);
  return {
    ...holder,
    permissions: others.length === 0 ? first : new Set([...first].filter((held) => others.every((other) => other.has(held)))),
    scope: {
      bank: scopes.some(({ bank }) => bank),
      orgUnitIds: scopes.flatMap(({ orgUnitIds }) => orgUnitIds),
      portfolio: scopes.some(({ portfolio }) => portfolio),
      served: scopes.some(({ served }) => served),
      tickets: scopes.some(({ tickets }) => tickets),
      grants: permissionsByGrant.has(permission) && posts.some(({ permissions }) => permissions.has('customer.customers.get')),
    },
  };
}
