import { command } from '@bankcrm/backend';
import { alreadyExists, invalid, newId } from '@bankcrm/kernel';
import { CreateOrgUnitRequest, OrgUnit } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parseOrgUnitFields, parseOrgUnitName } from '../domain/input.ts';
import { createOrgUnit as decide } from '../domain/org-unit.ts';
import { Reason } from '../domain/reasons.ts';
import { violatedUnique } from '../store/database.ts';
import { loadTree, lockDirectory } from '../store/store.ts';
import { kindFromWire, orgUnitToWire } from '../store/wire.ts';
import type { OnceDeps } from './deps.ts';

/**
 * Adds a unit below an existing one, or the bank's one head office; once per request id. Throws INVALID for a parent that does not
 * exist, ALREADY_EXISTS `ORG_UNIT_CODE_TAKEN` or `HEAD_OFFICE_EXISTS`.
 */
export const createOrgUnit = (deps: OnceDeps) => async (request: CreateOrgUnitRequest, call: Call) => {
  const { orgUnit } = request;
  if (!orgUnit) throw invalid('org_unit', 'is required');
  const fields = parseOrgUnitFields({ code: orgUnit.code, displayName: orgUnit.displayName ?? '' });
  const kind = kindFromWire(orgUnit.kind);
  if (!kind) throw invalid('org_unit.kind', 'must be a kind of org unit');
  const parentId = orgUnit.parent === '' ? null : parseOrgUnitName(orgUnit.parent, 'org_unit.parent');

  const { reply } = await command(deps, call, {
    request,
    requestType: CreateOrgUnitRequest,
    replyType: OrgUnit,
    async work(tx) {
      const revision = await lockDirectory(tx);
      const now = deps.clock.now();
      const unit = decide({ orgUnitId: newId(), ...fields, kind, parentId }, await loadTree(tx), revision, now);
      await deps.records.insertOrgUnit(tx, unit, { call, now });
      return { reply: orgUnitToWire(unit), recorded: true };
    },
  }).catch((error: unknown) => {
    if (violatedUnique(error) !== undefined) throw alreadyExists(Reason.orgUnitCodeTaken);
    throw error;
  });
  return reply;
};
