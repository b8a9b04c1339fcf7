import type { StaffCaller } from '@bankcrm/access';
import { denied } from '@bankcrm/kernel';
import type { Call } from './grpc-server.ts';

/** The person who calls. Throws DENIED `STAFF_ONLY` for a system. */
export function callingStaff({ caller }: Pick<Call, 'caller'>): StaffCaller {
  if (caller.kind !== 'staff') throw denied('STAFF_ONLY');
  return caller;
}
