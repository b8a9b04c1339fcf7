import { type Check, checkId, checkText, invalidField } from '@bankcrm/contract/domain';
import { isUuid } from '@bankcrm/kernel';
import type { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';

/** Why an org unit's state cannot be applied; undefined when it can. */
export function problemOfOrgUnit(unit: OrgUnitChanged): Check {
  return (
    (isUuid(unit.orgUnitId) ? undefined : invalidField('org_unit_id')) ??
    checkId(unit.code, 'code') ??
    checkText(unit.displayName, 'display_name', 200) ??
    (unit.parentId === '' || isUuid(unit.parentId) ? undefined : invalidField('parent_id')) ??
    (unit.sequence > 0n ? undefined : invalidField('sequence'))
  );
}
