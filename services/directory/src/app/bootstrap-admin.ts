import { nobody } from '@bankcrm/database';
import { newId, type OrgUnitId } from '@bankcrm/kernel';
import { parseStaffFields } from '../domain/input.ts';
import { createOrgUnit } from '../domain/org-unit.ts';
import { createStaffMember } from '../domain/staff.ts';
import { lockDirectory, nextRevision } from '../store/store.ts';
import type { ChangeDeps } from './deps.ts';
import { ownCall } from './own-call.ts';

/**
 * The first administrator of a bank, with a head office to sit in; everybody else is created by them. Does nothing, and returns
 * false, once there is anybody. The first password comes by mail: Keycloak's "forgot password" is open to every account.
 */
export function bootstrapAdmin(deps: ChangeDeps, admin: { staffNumber: string; email: string }): Promise<boolean> {
  const fields = parseStaffFields({ ...admin, displayName: 'Administrator' });
  return deps.database.inTransaction(nobody, async (tx) => {
    const act = { call: ownCall('BootstrapAdmin'), now: deps.clock.now() };
    let revision = await lockDirectory(tx);
    if ((await tx.db.staff.count()) > 0) return false;
    let orgUnitId = (await tx.db.orgUnit.findFirst({ where: { parentId: null } }))?.orgUnitId;
    if (orgUnitId === undefined) {
      const headOffice = {
        orgUnitId: newId<'org-unit'>(),
        code: 'HQ',
        displayName: '总行',
        kind: 'HEAD_OFFICE',
        parentId: null,
      } as const;
      const unit = createOrgUnit(headOffice, new Map(), revision, act.now);
      await deps.records.insertOrgUnit(tx, unit, act);
      orgUnitId = unit.orgUnitId;
      revision = await nextRevision(tx);
    }
    const posts = [{ orgUnitId: orgUnitId as OrgUnitId, role: 'admin' }];
    const member = createStaffMember({ staffId: newId(), ...fields, posts }, revision, act.now);
    await deps.records.insertStaff(tx, member, act.now, act);
    return true;
  });
}
