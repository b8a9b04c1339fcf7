import type { LeaveStaffRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parseReason, parseStaffName, requireCurrent } from '../domain/input.ts';
import { leave } from '../domain/staff.ts';
import { changeStaff } from './change-staff.ts';
import type { ChangeDeps } from './deps.ts';

/**
 * Lets a person leave, for good: posts and live absences end, every service refuses the next request within a second, the identity provider disables the
 * account as soon as it can be reached. Throws NOT_FOUND, ABORTED for another etag than the current one, DENIED `OWN_STATE`, REFUSED `HAS_LEFT` or
 * `LAST_ADMIN`.
 */
export const leaveStaff =
  (deps: ChangeDeps & { reconcileSoon: () => void }) => async (request: LeaveStaffRequest, call: Call) => {
    const id = parseStaffName(request.name);
    const reason = parseReason(request.reason);
    const reply = await changeStaff(
      deps,
      call,
      id,
      (current, circumstances) => {
        requireCurrent(current, request.etag);
        return leave(current, circumstances);
      },
      reason,
    );
    deps.reconcileSoon();
    return reply;
  };
