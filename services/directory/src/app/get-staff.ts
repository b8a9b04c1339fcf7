import type { GetStaffRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parseStaffName } from '../domain/input.ts';
import { loadStaff } from '../store/store.ts';
import { staffToWire } from '../store/wire.ts';
import { asCaller, type ReadDeps } from './deps.ts';

/** One person with the posts held and how far the account in Keycloak has come. Throws NOT_FOUND. */
export const getStaff = (deps: ReadDeps) => async (request: GetStaffRequest, call: Call) => {
  const id = parseStaffName(request.name);
  return staffToWire(await asCaller(deps, call, (tx) => loadStaff(tx, id)));
};
