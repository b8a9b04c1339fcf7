import { type AppError, exhausted } from '@bankcrm/kernel';
import { Reason } from './reasons.ts';

/** Of look-ups by complete numbers that find nobody: what one member of staff may have of them. */
export interface MissLimits {
  /** In a day of the bank. */
  perDay: number;
  /** In a day, while a customer stands at the counter. */
  perDayAtCounter: number;
  /** Of different numbers of one shape, in {@link shapeDays} days. */
  ofShape: number;
  /** Of one shape by everybody together, before it counts as an alarm. */
  ofShapeTogether: number;
}

/** How long a miss counts for its shape. */
export const shapeDays = 30;

/** What stands against a member of staff who is about to look a number up. */
export interface Misses {
  today: number;
  /** Other numbers of the same shape. */
  ofShape: number;
  /** Those of everybody, where few people share the shape. */
  ofShapeTogether: number;
}

/** Why a number may not be looked up, found or not: EXHAUSTED `LOOK_UP_GUESSES` or `LOOK_UP_MISS_LIMIT`; undefined where it may. */
export function whyNoLookUp(misses: Misses, limits: MissLimits, atCounter: boolean): AppError | undefined {
  if (misses.ofShape >= limits.ofShape) return exhausted(Reason.lookUpGuesses, { limit: limits.ofShape, days: shapeDays });
  const limit = atCounter ? limits.perDayAtCounter : limits.perDay;
  return misses.today >= limit ? exhausted(Reason.lookUpMissLimit, { limit }) : undefined;
}

/** Whether one more miss makes those of its shape look like guesses at one value. */
export const looksLikeGuessing = (misses: Misses, limits: MissLimits): boolean =>
  misses.ofShape + 1 >= limits.ofShape || misses.ofShapeTogether + 1 > limits.ofShapeTogether;
