import type { CancelAbsenceRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { cancelAbsence as decide, requireWithin } from '../domain/absence.ts';
import { parseAbsenceName } from '../domain/input.ts';
import { loadAbsence, loadStaff, lockDirectory, requireActive } from '../store/store.ts';
import { absenceToWire } from '../store/wire.ts';
import { reachOf } from './absence-reach.ts';
import { asCaller, type ChangeDeps } from './deps.ts';

/** Ends an absence now, or takes it back before it began. Throws NOT_FOUND, DENIED `PERMISSION_MISSING`, REFUSED `ABSENCE_OVER`. */
export const cancelAbsence = (deps: ChangeDeps) => async (request: CancelAbsenceRequest, call: Call) => {
  const caller = callingStaff(call);
  const [staffId, absenceId] = parseAbsenceName(request.name);
  const after = await asCaller(deps, call, async (tx) => {
    const revision = await lockDirectory(tx);
    await requireActive(tx, caller.staffId);
    const reach = await reachOf(tx, caller, staffId);
    const { member } = await loadStaff(tx, staffId);
    requireWithin(reach, member);
    const current = await loadAbsence(tx, staffId, absenceId);
    const now = deps.clock.now();
    const cancelled = decide(current, now);
    await deps.records.updateAbsence(tx, current, cancelled, revision, { call, now });
    return cancelled;
  });
  return absenceToWire(after);
};
