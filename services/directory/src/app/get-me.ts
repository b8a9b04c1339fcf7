import type { GetMeRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { loadStaff } from '../store/store.ts';
import { staffToWire } from '../store/wire.ts';
import { asCaller, type ReadDeps } from './deps.ts';

/** The caller's own record, with what any of the posts allows as this service knows it. */
export const getMe = (deps: ReadDeps) => async (_request: GetMeRequest, call: Call) => {
  const { staffId, posts, permissions } = callingStaff(call);
  const stored = await asCaller(deps, call, (tx) => loadStaff(tx, staffId));
  return {
    staffMember: staffToWire(stored),
    roles: [...new Set(stored.member.posts.map(({ role }) => role))],
    permissions: [...new Set([permissions, ...posts.map((post) => post.permissions)].flatMap((held) => [...held]))].sort(),
  };
};
