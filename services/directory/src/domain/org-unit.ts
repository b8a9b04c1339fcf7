import { alreadyExists, invalid, type OrgUnitId, refused } from '@bankcrm/kernel';
import { Reason } from './reasons.ts';

export const orgUnitKinds = ['HEAD_OFFICE', 'BRANCH', 'SUB_BRANCH', 'TEAM'] as const;
export type OrgUnitKind = (typeof orgUnitKinds)[number];

export interface OrgUnit {
  orgUnitId: OrgUnitId;
  code: string;
  displayName: string;
  kind: OrgUnitKind;
  /** None for the head office. */
  parentId: OrgUnitId | null;
  version: number;
  revision: bigint;
  createTime: Date;
  updateTime: Date;
}

/** The tree as ids: enough to decide where a unit may hang. */
export type ParentOf = ReadonlyMap<OrgUnitId, OrgUnitId | null>;

export interface NewOrgUnit {
  orgUnitId: OrgUnitId;
  code: string;
  displayName: string;
  kind: OrgUnitKind;
  parentId: OrgUnitId | null;
}

/** A new unit below an existing one, or the bank's one head office. */
export function createOrgUnit(fields: NewOrgUnit, tree: ParentOf, revision: bigint, now: Date): OrgUnit {
  if (fields.kind === 'HEAD_OFFICE') {
    if (fields.parentId !== null) throw invalid('org_unit.parent', 'must be empty for the head office');
    if ([...tree.values()].includes(null)) throw alreadyExists(Reason.headOfficeExists);
  } else {
    if (fields.parentId === null) throw invalid('org_unit.parent', 'must name the unit above; only the head office has none');
    if (!tree.has(fields.parentId)) throw invalid('org_unit.parent', 'must be an existing org unit', Reason.unknownParent);
  }
  return { ...fields, version: 1, revision, createTime: now, updateTime: now };
}

/** The unit, with all below it, under another one. Refuses to make a cycle or to hang the head office anywhere. */
export function moveOrgUnit(unit: OrgUnit, destination: OrgUnitId, tree: ParentOf, revision: bigint, now: Date): OrgUnit {
  if (unit.parentId === null) throw refused(Reason.headOfficeStays);
  if (!tree.has(destination)) throw invalid('destination_parent', 'must be an existing org unit', Reason.unknownParent);
  for (let at: OrgUnitId | null = destination; at !== null; at = tree.get(at) ?? null) {
    if (at === unit.orgUnitId) throw refused(Reason.movedBelowItself);
  }
  return { ...unit, parentId: destination, version: unit.version + 1, revision, updateTime: now };
}

/** Whether a unit is one of some others or hangs below one of them. */
export function isBelow(unit: OrgUnitId, others: readonly OrgUnitId[], tree: ParentOf): boolean {
  for (let at: OrgUnitId | null = unit; at !== null; at = tree.get(at) ?? null) if (others.includes(at)) return true;
  return false;
}

export function renameOrgUnit(unit: OrgUnit, displayName: string, revision: bigint, now: Date): OrgUnit {
  return { ...unit, displayName, version: unit.version + 1, revision, updateTime: now };
}
