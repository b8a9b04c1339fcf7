import { civilDate, exhausted } from '@bankcrm/kernel';
import type { Call } from '@bankcrm/service';
import { Reason } from '../../domain/reasons.ts';
import { countUses } from '../../store/use-counts.ts';
import { asCaller, type CustomerDeps, callingStaff } from '../deps.ts';

/**
 * Counts one look-up by a complete identifier, in a transaction of its own: trying numbers that belong to nobody counts too. Throws
 * EXHAUSTED `LOOK_UP_LIMIT` when the day's number is used up.
 */
export async function countLookUp(call: Pick<Call, 'caller'>, deps: CustomerDeps): Promise<void> {
  const { staffId } = callingStaff(call);
  const { lookupsPerDay: limit } = deps;
  const day = civilDate(deps.clock.now(), deps.timeZone);
  const uses = await asCaller(deps, call, (tx) => countUses(tx, { staffId, kind: 'look-up', day, uses: 1, limit }));
  if (uses === undefined) throw exhausted(Reason.lookUpLimit, { limit });
}
