import type { ReinstateStaffRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { matchEtag, parseReason, parseStaffName } from '../domain/input.ts';
import { type Circumstances, reinstate, type StaffMember } from '../domain/staff.ts';
import { changeStaff } from './change-staff.ts';
import type { ChangeDeps } from './deps.ts';

/**
 * Lets a suspended person work again; tokens of before stay refused. Throws NOT_FOUND, ABORTED for another etag than the current one, DENIED
 * `OWN_STATE`, REFUSED `NOT_SUSPENDED`.
 */
export const reinstateStaff =
  (deps: ChangeDeps & { reconcileSoon: () => void }) => async (request: ReinstateStaffRequest, call: Call) => {
    const id = parseStaffName(request.name);
    const reason = parseReason(request.reason);
    const change = (current: StaffMember, circumstances: Circumstances) => {
      matchEtag(current, request.etag);
      return reinstate(current, circumstances);
    };
    const reply = await changeStaff(deps, call, id, change, reason);
    deps.reconcileSoon();
    return reply;
  };
