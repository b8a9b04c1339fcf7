import { callerThrough, type StaffCaller } from '@bankcrm/access';
import { denied, type StaffId } from '@bankcrm/kernel';
import { managesAbsences, type Reach } from '../domain/absence.ts';
import { isBelow } from '../domain/org-unit.ts';
import { Reason } from '../domain/reasons.ts';
import type { DirectoryTx } from '../store/database.ts';
import { loadTree } from '../store/store.ts';

/**
 * How the caller comes to the absences of a person: everybody to the own, by the same rule whatever else the caller may do; to those of others who may manage
 * them. Throws DENIED `PERMISSION_MISSING`.
 */
export async function reachOf(tx: DirectoryTx, caller: StaffCaller, staffId: StaffId): Promise<Reach> {
  if (staffId === caller.staffId) return 'own';
  const scope = callerThrough(caller, managesAbsences)?.scope;
  if (scope?.bank) return 'everybody';
  if (!scope || scope.orgUnitIds.length === 0) throw denied(Reason.permissionMissing, { permission: managesAbsences });
  const tree = await loadTree(tx);
  return { isBelow: (orgUnitId) => isBelow(orgUnitId, scope.orgUnitIds, tree) };
}
