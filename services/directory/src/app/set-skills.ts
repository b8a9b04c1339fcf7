import type { SetSkillsRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parseSkills, parseStaffName, requireCurrent } from '../domain/input.ts';
import { setSkills as decide } from '../domain/staff.ts';
import { changeStaff } from './change-staff.ts';
import type { ChangeDeps } from './deps.ts';

/** Replaces the skills of a person. Throws NOT_FOUND, ABORTED for another etag than the current one, REFUSED `HAS_LEFT`. */
export const setSkills = (deps: ChangeDeps) => async (request: SetSkillsRequest, call: Call) => {
  const id = parseStaffName(request.name);
  const skills = parseSkills(request.skills);
  return changeStaff(deps, call, id, (current, circumstances) => {
    requireCurrent(current, request.etag);
    return decide(current, skills, circumstances);
  });
};
