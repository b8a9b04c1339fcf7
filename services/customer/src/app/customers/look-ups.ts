import type { StaffCaller } from '@bankcrm/access';
import { civilDate, exhausted } from '@bankcrm/kernel';
import { countUses } from '../../adapters/postgres/use-counts.ts';
import { Reason } from '../../domain/reasons.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';

/**
 * Counts one look-up by a complete identifier, in a transaction of its own: trying numbers that belong to nobody counts too. Throws
 * EXHAUSTED `LOOK_UP_LIMIT` when the day's number is used up.
 */
export async function countLookUp(caller: StaffCaller, deps: CustomerDeps): Promise<void> {
  const { lookupsPerDay: limit } = deps;
  const day = civilDate(deps.clock.now(), deps.timeZone);
  const uses = await asCaller(deps, caller, (tx) =>
    countUses(tx, { staffId: caller.staffId, kind: 'look-up', day, uses: 1, limit }),
  );
  if (uses === undefined) throw exhausted(Reason.lookUpLimit, { limit });
}
