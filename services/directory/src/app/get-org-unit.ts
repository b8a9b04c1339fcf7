import type { GetOrgUnitRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parseOrgUnitName } from '../domain/input.ts';
import { loadOrgUnit } from '../store/store.ts';
import { orgUnitToWire } from '../store/wire.ts';
import { asCaller, type ReadDeps } from './deps.ts';

/** One unit. Throws NOT_FOUND. */
export const getOrgUnit = (deps: ReadDeps) => async (request: GetOrgUnitRequest, call: Call) => {
  const id = parseOrgUnitName(request.name);
  return orgUnitToWire(await asCaller(deps, call, (tx) => loadOrgUnit(tx, id)));
};
