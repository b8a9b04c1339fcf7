import { command } from '@bankcrm/backend';
import { invalid, newId } from '@bankcrm/kernel';
import { Absence, CreateAbsenceRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { requirePossible } from '../domain/absence.ts';
import { parseAbsence, parseStaffName } from '../domain/input.ts';
import { Reason } from '../domain/reasons.ts';
import { findStaff, loadLiveAbsences, loadReachedAbsences, loadStaff, lockDirectory, requireActive } from '../store/store.ts';
import { absenceToWire } from '../store/wire.ts';
import { reachOf } from './absence-reach.ts';
import type { OnceDeps } from './deps.ts';

/**
 * Enters a period in which a deputy stands in for a person; once per request id. Throws INVALID for a deputy that does not exist, NOT_FOUND, DENIED
 * `PERMISSION_MISSING`, and what `requirePossible` throws.
 */
export const createAbsence = (deps: OnceDeps) => async (request: CreateAbsenceRequest, call: Call) => {
  const caller = callingStaff(call);
  const staffId = parseStaffName(request.parent, 'parent');
  if (!request.absence) throw invalid('absence', 'is required');
  const wanted = parseAbsence(request.absence, deps.clock.now());

  const { reply } = await command(deps, call, {
    request,
    requestType: CreateAbsenceRequest,
    replyType: Absence,
    async work(tx) {
      const revision = await lockDirectory(tx);
      await requireActive(tx, caller.staffId);
      const now = deps.clock.now();
      const reach = await reachOf(tx, caller, staffId);
      const { member: person } = await loadStaff(tx, staffId);
      const deputy = await findStaff(tx, wanted.deputyId);
      if (!deputy) throw invalid('absence.deputy', 'must be a member of staff', Reason.unknownDeputy);
      const ownLive = await loadLiveAbsences(tx, staffId, now);
      const reached = await loadReachedAbsences(tx, wanted.deputyId, wanted);
      requirePossible(wanted, { person, deputy: deputy.member, reach, ownLive, reached });
      const absence = { absenceId: newId<'absence'>(), staffId, ...wanted, cancelTime: null, createTime: now };
      await deps.records.insertAbsence(tx, absence, revision, { call, now });
      return { reply: absenceToWire(absence), recorded: true };
    },
  });
  return reply;
};
