import type { SuspendStaffRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { matchEtag, parseReason, parseStaffName } from '../domain/input.ts';
import { type Circumstances, type StaffMember, suspend } from '../domain/staff.ts';
import { changeStaff } from './change-staff.ts';
import type { ChangeDeps } from './deps.ts';

/** Stops the person's next request: every service knows within a second, the identity provider as soon as it can be reached. */
export const suspendStaff =
  (deps: ChangeDeps & { reconcileSoon: () => void }) => async (request: SuspendStaffRequest, call: Call) => {
    const id = parseStaffName(request.name);
    const reason = parseReason(request.reason);
    const change = (current: StaffMember, circumstances: Circumstances) => {
      matchEtag(current, request.etag);
      return suspend(current, circumstances);
    };
    const reply = await changeStaff(deps, call, id, change, reason);
    deps.reconcileSoon();
    return reply;
  };
