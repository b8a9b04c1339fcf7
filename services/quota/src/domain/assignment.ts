import { invalid, parseName, refuseIdentifyingText } from '@bankcrm/kernel';
import { Reason } from './reasons.ts';

/** Somebody who works with the relationship manager for a time. */
export interface Collaborator {
  staffId: string;
  /** Null: since the decision. */
  startTime: Date | null;
  /** Null: until further notice. */
  endTime: Date | null;
}

/** Who looks after a customer: the whole of it. */
export interface Decision {
  customerId: string;
  /** Null: nobody. */
  rmStaffId: string | null;
  dedicatedRmStaffId: string | null;
  collaborators: readonly Collaborator[];
  /** As it was given; may be empty. */
  reason: string;
}

/** Where a customer stands. */
export interface Subject {
  state: string;
  isMerged: boolean;
  restricted: boolean;
}

const mostCollaborators = 20;
const longestReason = 500;

export const parseCustomerName = (name: string, field = 'customer'): string => parseName('customers/*', name, field)[0]!;
const parseStaff = (name: string, field: string): string => parseName('staff/*', name, field)[0]!;

interface Asked {
  customer: string;
  rm: string;
  dedicatedRm: string;
  collaborators: readonly { staff: string; startTime: Date | undefined; endTime: Date | undefined }[];
  reason: string;
}

/** Reads a decision. Throws INVALID with the field that is wrong: names, too many collaborators or one twice, a period that ends before it begins or is over. */
export function parseDecision(asked: Asked, now: Date): Decision {
  if (asked.collaborators.length > mostCollaborators) throw invalid('collaborators', `must be at most ${mostCollaborators}`);
  const collaborators = asked.collaborators.map(({ staff, startTime, endTime }, at): Collaborator => {
    const field = `collaborators[${at}]`;
    const staffId = parseStaff(staff, `${field}.staff`);
    if (endTime && endTime <= now) throw invalid(`${field}.end_time`, 'must lie in the future');
    if (endTime && startTime && endTime <= startTime) throw invalid(`${field}.end_time`, 'must be after the beginning');
    return { staffId, startTime: startTime ?? null, endTime: endTime ?? null };
  });
  const twice = collaborators.findIndex(({ staffId }, at) => collaborators.findIndex((one) => one.staffId === staffId) < at);
  if (twice >= 0) throw invalid(`collaborators[${twice}].staff`, 'must be there once');
  if ([...asked.reason].length > longestReason) throw invalid('reason', `must be at most ${longestReason} characters long`);
  refuseIdentifyingText('reason', asked.reason);
  return {
    customerId: parseCustomerName(asked.customer),
    rmStaffId: asked.rm === '' ? null : parseStaff(asked.rm, 'rm'),
    dedicatedRmStaffId: asked.dedicatedRm === '' ? null : parseStaff(asked.dedicatedRm, 'dedicated_rm'),
    collaborators,
    reason: asked.reason.trim(),
  };
}

/** Why a customer is not assigned; undefined for one that may be. */
export function notAssignable({ state, isMerged, restricted }: Subject): string | undefined {
  if (restricted) return Reason.customerRestricted;
  return isMerged || state === 'CLOSED' ? Reason.customerClosed : undefined;
}
