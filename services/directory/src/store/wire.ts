import type { PermissionTable, RoleScope } from '@bankcrm/access';
import {
  CustomerScope,
  type Role,
  type OrgUnit as WireOrgUnit,
  OrgUnitKind as WireOrgUnitKind,
  type StaffMember as WireStaffMember,
  StaffState as WireStaffState,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { etagOf } from '../domain/input.ts';
import { type OrgUnit, type OrgUnitKind, orgUnitKinds } from '../domain/org-unit.ts';
import { type StaffState, staffStates } from '../domain/staff.ts';
import type { StoredStaff } from './store.ts';

/** Our words to the protos' and back. */
export function orgUnitToWire(unit: OrgUnit): WireOrgUnit {
  return {
    name: `orgUnits/${unit.orgUnitId}`,
    code: unit.code,
    displayName: unit.displayName,
    kind: WireOrgUnitKind[unit.kind],
    parent: unit.parentId === null ? '' : `orgUnits/${unit.parentId}`,
    etag: etagOf(unit),
    createTime: unit.createTime,
    updateTime: unit.updateTime,
  };
}

export const kindFromWire = (kind: WireOrgUnitKind): OrgUnitKind | undefined =>
  orgUnitKinds.find((name) => WireOrgUnitKind[name] === kind);

export const stateFromWire = (state: WireStaffState): StaffState | undefined =>
  staffStates.find((name) => WireStaffState[name] === state);

export function staffToWire({ member, reconciled, reconcileError }: StoredStaff): WireStaffMember {
  return {
    name: `staff/${member.staffId}`,
    staffNumber: member.staffNumber,
    displayName: member.displayName,
    email: member.email,
    state: WireStaffState[member.state],
    posts: member.posts.map(({ orgUnitId, role }) => ({ orgUnit: `orgUnits/${orgUnitId}`, role })),
    etag: etagOf(member),
    reconciled,
    reconcileError,
    createTime: member.createTime,
    updateTime: member.updateTime,
  };
}

const scopes: Readonly<Record<RoleScope, CustomerScope>> = CustomerScope;

/** The built-in roles of the permission table, in its order. */
export function rolesToWire(table: PermissionTable): Role[] {
  return Object.entries(table.roles).map(([id, { name, scope, permissions }]) => ({
    id,
    displayNameZh: name.zh,
    displayNameEn: name.en,
    customerScope: scopes[scope],
    permissions: [...permissions],
    builtIn: true,
  }));
}
