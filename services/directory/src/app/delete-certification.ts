import { notFound } from '@bankcrm/kernel';
import type { DeleteCertificationRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { parseCertificationName } from '../domain/input.ts';
import { requireNotLeft } from '../domain/staff.ts';
import { loadCertifications, loadStaff, lockDirectory, requireActive } from '../store/store.ts';
import { asCaller, type ChangeDeps } from './deps.ts';

/** Takes a certification away; the history keeps it. Throws NOT_FOUND, and REFUSED `HAS_LEFT`. */
export const deleteCertification = (deps: ChangeDeps) => async (request: DeleteCertificationRequest, call: Call) => {
  const { staffId: by } = callingStaff(call);
  const [staffId, certificationId] = parseCertificationName(request.name);
  return asCaller(deps, call, async (tx) => {
    const revision = await lockDirectory(tx);
    await requireActive(tx, by);
    const { member } = await loadStaff(tx, staffId);
    requireNotLeft(member);
    const held = await loadCertifications(tx, staffId);
    const certification = held.find((one) => one.certificationId === certificationId);
    if (!certification) throw notFound();
    await deps.records.deleteCertification(tx, certification, revision, { call, now: deps.clock.now() });
    return {};
  });
};
