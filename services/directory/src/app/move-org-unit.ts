import type { MoveOrgUnitRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parseOrgUnitName, requireCurrent } from '../domain/input.ts';
import { moveOrgUnit as decide } from '../domain/org-unit.ts';
import { loadOrgUnit, loadTree, lockDirectory } from '../store/store.ts';
import { orgUnitToWire } from '../store/wire.ts';
import { asCaller, type ChangeDeps } from './deps.ts';

/**
 * Hangs a unit with all below it under another one. Throws NOT_FOUND, ABORTED for another etag than the current one, INVALID for a
 * destination that does not exist, REFUSED `HEAD_OFFICE_STAYS` or `MOVED_BELOW_ITSELF`.
 */
export const moveOrgUnit = (deps: ChangeDeps) => async (request: MoveOrgUnitRequest, call: Call) => {
  const id = parseOrgUnitName(request.name);
  const destination = parseOrgUnitName(request.destinationParent, 'destination_parent');
  const after = await asCaller(deps, call, async (tx) => {
    const revision = await lockDirectory(tx);
    const current = await loadOrgUnit(tx, id);
    requireCurrent(current, request.etag);
    const now = deps.clock.now();
    const moved = decide(current, destination, await loadTree(tx), revision, now);
    await deps.records.updateOrgUnit(tx, current, moved, { call, now });
    return moved;
  });
  return orgUnitToWire(after);
};
