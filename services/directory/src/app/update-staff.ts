import { alreadyExists, invalid } from '@bankcrm/kernel';
import type { UpdateStaffRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { staffFacts } from '../domain/history.ts';
import { parseStaffName, parseStaffUpdate, requireCurrent, requireUnchanged } from '../domain/input.ts';
import { Reason } from '../domain/reasons.ts';
import { changeDetails } from '../domain/staff.ts';
import { violatedUnique } from '../store/database.ts';
import { stateFromWire } from '../store/wire.ts';
import { changeStaff } from './change-staff.ts';
import type { ChangeDeps } from './deps.ts';

/** Changes name, e-mail, position, grade and date of joining; what is left out stays. The staff number stays what it is: people sign in with it. */
export const updateStaff =
  (deps: ChangeDeps & { reconcileSoon: () => void }) => async (request: UpdateStaffRequest, call: Call) => {
    const { staffMember: wanted } = request;
    if (!wanted) throw invalid('staff_member', 'is required');
    const id = parseStaffName(wanted.name, 'staff_member.name');
    const details = parseStaffUpdate(wanted);
    const fixed = {
      staff_number: wanted.staffNumber,
      state: stateFromWire(wanted.state) ?? '',
      skills: wanted.skills.join(', '),
      posts: wanted.posts.map(({ orgUnit, role }) => `${role} ${orgUnit}`).join(', '),
    };
    const reply = await changeStaff(deps, call, id, (current, circumstances) => {
      requireCurrent(current, wanted.etag, 'staff_member.etag');
      requireUnchanged(fixed, staffFacts(current), 'staff_member.');
      return changeDetails(current, details, circumstances);
    }).catch((error: unknown) => {
      if (violatedUnique(error) !== undefined) throw alreadyExists(Reason.emailTaken);
      throw error;
    });
    deps.reconcileSoon();
    return reply;
  };
