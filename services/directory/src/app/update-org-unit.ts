import { invalid } from '@bankcrm/kernel';
import type { UpdateOrgUnitRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { orgUnitFacts } from '../domain/history.ts';
import { parseOrgUnitName, parseOrgUnitUpdate, requireCurrent, requireUnchanged } from '../domain/input.ts';
import { renameOrgUnit } from '../domain/org-unit.ts';
import { loadOrgUnit, lockDirectory } from '../store/store.ts';
import { kindFromWire, orgUnitToWire } from '../store/wire.ts';
import { asCaller, type ChangeDeps } from './deps.ts';

/** Renames a unit. Its code, kind and place stay what they are. */
export const updateOrgUnit = (deps: ChangeDeps) => async (request: UpdateOrgUnitRequest, call: Call) => {
  const { orgUnit: wanted } = request;
  if (!wanted) throw invalid('org_unit', 'is required');
  const id = parseOrgUnitName(wanted.name, 'org_unit.name');
  const displayName = parseOrgUnitUpdate(wanted);
  const fixed = { code: wanted.code, kind: kindFromWire(wanted.kind) ?? '', parent: wanted.parent };
  const after = await asCaller(deps, call, async (tx) => {
    const revision = await lockDirectory(tx);
    const current = await loadOrgUnit(tx, id);
    requireCurrent(current, wanted.etag, 'org_unit.etag');
    requireUnchanged(fixed, orgUnitFacts(current), 'org_unit.');
    const now = deps.clock.now();
    const renamed = renameOrgUnit(current, displayName, revision, now);
    await deps.records.updateOrgUnit(tx, current, renamed, { call, now });
    return renamed;
  });
  return orgUnitToWire(after);
};
