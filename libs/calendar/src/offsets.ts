import { Temporal } from 'temporal-polyfill';
import { dateOf } from './civil-days.ts';

/** Whether there are rules for a zone of this name. A bare distance from UTC, such as `+08:00`, has none. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** A stretch of time in which a zone's clocks keep one distance from UTC. All in milliseconds; `to` is not part of it. */
export interface Stretch {
  from: number;
  to: number;
  offset: number;
}

/** The instant a civil day begins in a zone; where the zone left the day out, the next one. */
export const startOfDay = (day: number, timeZone: string): number =>
  Temporal.PlainDate.from(dateOf(day)).toZonedDateTime(timeZone).epochMilliseconds;

/** The stretches of a zone from one instant to another, in order and without a hole. */
export function stretchesOf(timeZone: string, from: number, to: number): Stretch[] {
  const stretches: Stretch[] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone);
  while (at.epochMilliseconds < to) {
    const next = at.getTimeZoneTransition('next');
    stretches.push({
      from: at.epochMilliseconds,
      to: Math.min(next?.epochMilliseconds ?? to, to),
      offset: at.offsetNanoseconds / 1e6,
    });
    if (next === null) break;
    at = next;
  }
  return stretches;
}
