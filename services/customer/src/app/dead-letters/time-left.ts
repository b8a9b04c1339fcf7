import type { Call } from '@bankcrm/service';

/** Kept free before the deadline, so that a last transaction can end and the answer still arrive. */
const marginMs = 2_000;

/** How long a call may go on beginning transactions; 0 when its deadline is near. */
export const timeLeftMs = ({ deadline }: Pick<Call, 'deadline'>): number =>
  Math.max(deadline.getTime() - Date.now() - marginMs, 0);
