import type { SetPostsRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parsePosts, parseStaffName, requireCurrent, unknownOrgUnit } from '../domain/input.ts';
import { setPosts as decide } from '../domain/staff.ts';
import { isMissingReference } from '../store/database.ts';
import { changeStaff } from './change-staff.ts';
import type { ChangeDeps } from './deps.ts';

/** Replaces the posts; every service knows within a second. */
export const setPosts = (deps: ChangeDeps & { roleIds: ReadonlySet<string> }) => async (request: SetPostsRequest, call: Call) => {
  const id = parseStaffName(request.name);
  const posts = parsePosts(request.posts, deps.roleIds);
  return changeStaff(deps, call, id, (current, circumstances) => {
    requireCurrent(current, request.etag);
    return decide(current, posts, circumstances);
  }).catch((error: unknown) => {
    if (isMissingReference(error)) throw unknownOrgUnit();
    throw error;
  });
};
