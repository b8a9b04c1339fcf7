import { civilDate, exhausted, newId } from '@bankcrm/kernel';
import { type Call, callingStaff } from '@bankcrm/service';
import { metrics } from '@opentelemetry/api';
import type { LookedUp } from '../../domain/look-up-shapes.ts';
import { looksLikeGuessing, whyNoLookUp } from '../../domain/look-ups.ts';
import { Reason } from '../../domain/reasons.ts';
import { addMiss, hashed, missesBefore } from '../../store/look-up-misses.ts';
import { countUses } from '../../store/use-counts.ts';
import { audit } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';

const guesses = metrics.getMeter('bankcrm').createCounter('bankcrm.look_ups.guesses', {
  unit: '{look-up}',
  description: 'Look-ups that found nobody, or were refused, and look like guesses at one value',
});

/** A look-up by a complete number under way. Until `takeMissBack` is told of somebody it counts as one that finds nobody. */
export interface LookUp {
  lookUpId: string;
  /** Keyed hash of what was asked for. */
  queryHash: Buffer;
  /** Should it find nobody, then it looks like one of several guesses. */
  isGuess: boolean;
}

export interface LookUpFacts {
  /** All that the number may be. */
  numbers: readonly LookedUp[];
  queryHash: Buffer;
  /** The customer stands before the caller. */
  atCounter: boolean;
}

/**
 * Counts a look-up before anybody is found, in a transaction of its own, so that a refusal says nothing of the number and what fails counts. Throws EXHAUSTED
 * `LOOK_UP_LIMIT` when the day's number is used up, and for the misses as {@link whyNoLookUp}.
 */
export async function beginLookUp(
  call: Call,
  deps: CustomerDeps,
  { numbers, queryHash, atCounter }: LookUpFacts,
): Promise<LookUp> {
  const { staffId } = callingStaff(call);
  const { lookupsPerDay: limit, missLimits } = deps;
  const time = deps.clock.now();
  const day = civilDate(time, deps.timeZone);
  const lookUp = { lookUpId: newId(), day, time, ...hashed(deps.index, numbers) };
  return asCaller(deps, call, async (tx) => {
    const uses = await countUses(tx, { staffId, kind: 'look-up', day, uses: 1, limit });
    if (uses === undefined) throw exhausted(Reason.lookUpLimit, { limit });
    const misses = await missesBefore(tx, lookUp);
    const refusal = whyNoLookUp(misses, missLimits, atCounter);
    if (refusal?.reason === Reason.lookUpGuesses) alarm(call, deps);
    if (refusal) throw refusal;
    await addMiss(tx, lookUp);
    return { lookUpId: lookUp.lookUpId, queryHash, isGuess: looksLikeGuessing(misses, missLimits) };
  });
}

/** A look-up that found nobody stays counted. One that looks like a guess raises an alarm: log line, metric and an entry of the audit log. */
export async function foundNobody(call: Call, deps: CustomerDeps, { queryHash, isGuess }: LookUp): Promise<void> {
  if (!isGuess) return;
  alarm(call, deps);
  const entry = { time: deps.clock.now(), reason: Reason.lookUpGuesses, queryHash };
  await asCaller(deps, call, (tx) => audit(tx, call, entry));
}

function alarm(call: Call, { log }: Pick<CustomerDeps, 'log'>): void {
  guesses.add(1, { 'rpc.method': call.operation });
  const { staffId } = callingStaff(call);
  log.error(
    { operation: call.operation, staff: `staff/${staffId}` },
    'look-ups by number that find nobody look like guesses at one value',
  );
}
