import { command } from '@bankcrm/backend';
import { invalid, newId } from '@bankcrm/kernel';
import { Certification, CreateCertificationRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { requireNewCertification } from '../domain/certification.ts';
import { parseCertification, parseStaffName } from '../domain/input.ts';
import { loadCertifications, loadStaff, lockDirectory, requireActive } from '../store/store.ts';
import { certificationToWire } from '../store/wire.ts';
import type { OnceDeps } from './deps.ts';

/**
 * Notes what a person is certified for, and until when; once per request id. One that is renewed is noted beside the old one. Throws NOT_FOUND, and what
 * `requireNewCertification` throws.
 */
export const createCertification = (deps: OnceDeps) => async (request: CreateCertificationRequest, call: Call) => {
  const { staffId: by } = callingStaff(call);
  const staffId = parseStaffName(request.parent, 'parent');
  if (!request.certification) throw invalid('certification', 'is required');
  const wanted = parseCertification(request.certification);

  const { reply } = await command(deps, call, {
    request,
    requestType: CreateCertificationRequest,
    replyType: Certification,
    async work(tx) {
      const revision = await lockDirectory(tx);
      await requireActive(tx, by);
      const { member } = await loadStaff(tx, staffId);
      requireNewCertification(member, wanted, await loadCertifications(tx, staffId));
      const now = deps.clock.now();
      const certification = { certificationId: newId<'certification'>(), staffId, ...wanted, createTime: now };
      await deps.records.insertCertification(tx, certification, revision, { call, now });
      return { reply: certificationToWire(certification), recorded: true };
    },
  });
  return reply;
};
