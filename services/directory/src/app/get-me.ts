import type { GetMeRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { loadStaff } from '../adapters/store.ts';
import { staffToWire } from '../adapters/wire.ts';
import { asCaller, callerStaffId, type ReadDeps } from './deps.ts';

/** The caller's own record, with what the posts allow as this service knows it. */
export const getMe = (deps: ReadDeps) => async (_request: GetMeRequest, call: Call) => {
  const id = callerStaffId(call);
  const stored = await asCaller(deps, call, (tx) => loadStaff(tx, id));
  return {
    staffMember: staffToWire(stored),
    roles: [...new Set(stored.member.posts.map(({ role }) => role))],
    permissions: [...call.caller.permissions].sort(),
  };
};
