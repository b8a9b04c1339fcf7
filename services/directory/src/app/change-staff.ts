import type { StaffId } from '@bankcrm/kernel';
import type { StaffMember as WireStaffMember } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import type { Circumstances, StaffMember } from '../domain/staff.ts';
import { countOtherActiveAdmins, loadStaff, lockDirectory, requireActive } from '../store/store.ts';
import { staffToWire } from '../store/wire.ts';
import { asCaller, type ChangeDeps } from './deps.ts';

/** The frame of every change of a person: one at a time, load, decide, save with event and audit. */
export async function changeStaff(
  deps: ChangeDeps,
  call: Call,
  staffId: StaffId,
  decide: (current: StaffMember, circumstances: Circumstances) => StaffMember,
  reason?: string,
): Promise<WireStaffMember> {
  const { staffId: by } = callingStaff(call);
  return asCaller(deps, call, async (tx) => {
    const revision = await lockDirectory(tx);
    await requireActive(tx, by);
    const { member } = await loadStaff(tx, staffId);
    const otherActiveAdmins = await countOtherActiveAdmins(tx, staffId);
    const now = deps.clock.now();
    const after = decide(member, { by, otherActiveAdmins, revision, now });
    await deps.records.updateStaff(tx, member, after, { call, now, ...(reason === undefined ? {} : { reason }) });
    return staffToWire(await loadStaff(tx, staffId));
  });
}
