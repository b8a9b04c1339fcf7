import type { ListCertificationsRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parseStaffName } from '../domain/input.ts';
import { loadCertifications, loadStaff } from '../store/store.ts';
import { certificationToWire } from '../store/wire.ts';
import { asCaller, type ReadDeps } from './deps.ts';

/** The certifications of a person, those that have run out included. Throws NOT_FOUND. */
export const listCertifications = (deps: ReadDeps) => async (request: ListCertificationsRequest, call: Call) => {
  const staffId = parseStaffName(request.parent, 'parent');
  const certifications = await asCaller(deps, call, async (tx) => {
    await loadStaff(tx, staffId);
    return loadCertifications(tx, staffId);
  });
  return { certifications: certifications.map(certificationToWire) };
};
