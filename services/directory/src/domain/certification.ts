import type { Id, StaffId } from '@bankcrm/kernel';
import { alreadyExists, refused } from '@bankcrm/kernel';
import { Reason } from './reasons.ts';
import { requireNotLeft, type StaffMember } from './staff.ts';

export type CertificationId = Id<'certification'>;

export interface Certification {
  certificationId: CertificationId;
  staffId: StaffId;
  /** Code. */
  kind: string;
  /** `YYYY-MM-DD`, the last day on which it is valid. */
  validUntil: string;
  createTime: Date;
}

/** Of one person. */
export const mostCertifications = 50;

/**
 * Decides whether a person may be given one more. Throws REFUSED `HAS_LEFT` or `TOO_MANY_CERTIFICATIONS`, ALREADY_EXISTS
 * `CERTIFICATION_HELD`.
 */
export function requireNewCertification(
  person: Pick<StaffMember, 'state'>,
  wanted: Pick<Certification, 'kind' | 'validUntil'>,
  held: readonly Certification[],
): void {
  requireNotLeft(person);
  if (held.some(({ kind, validUntil }) => kind === wanted.kind && validUntil === wanted.validUntil))
    throw alreadyExists(Reason.certificationHeld);
  if (held.length >= mostCertifications) throw refused(Reason.tooManyCertifications, { limit: mostCertifications });
}
