import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Absence, type AbsenceId, cancelAbsence, mostAbsences, requirePossible, requireWithin } from './absence.ts';
import type { StaffMember } from './staff.ts';

const hour = (hours: number): Date => new Date(Date.UTC(2026, 2, 2) + hours * 3_600_000);
const person = (staffId: string, ...roles: string[]): Pick<StaffMember, 'staffId' | 'state' | 'posts'> => ({
  staffId: staffId as StaffId,
  state: 'ACTIVE',
  posts: roles.map((role) => ({ role, orgUnitId: 'bj' as OrgUnitId })),
});
const absence = (staffId: string, deputyId: string, from: number, to: number): Absence => ({
  absenceId: `${staffId}-${from}` as AbsenceId,
  staffId: staffId as StaffId,
  deputyId: deputyId as StaffId,
  startTime: hour(from),
  endTime: hour(to),
  cancelTime: null,
  createTime: hour(0),
});

describe('an absence', () => {
  const [rm, other] = [person('a', 'rm'), person('b', 'rm')];
  const period = { startTime: hour(0), endTime: hour(1) };
  const decide = (over: Partial<Parameters<typeof requirePossible>[1]> = {}) =>
    requirePossible(period, { person: rm, deputy: other, reach: 'everybody', ownLive: [], reached: [], ...over });

  it('of their own, people enter only with somebody who holds all of their roles', () => {
    const both = person('a', 'senior-rm', 'branch-manager');
    decide({ reach: 'own' });
    decide({ reach: 'own', person: both, deputy: person('b', 'branch-manager', 'senior-rm') });
    expect(() => decide({ reach: 'own', person: both, deputy: person('b', 'senior-rm') })).toThrow('DEPUTY_LACKS_ROLE');
    // Who enters it for others gives what they may give.
    decide({ person: both, deputy: person('b', 'teller') });
  });

  it('of others, a manager enters below the unit alone', () => {
    const below = { isBelow: (orgUnitId: OrgUnitId) => orgUnitId === 'bj' };
    const elsewhere = { isBelow: (orgUnitId: OrgUnitId) => orgUnitId === 'sh' };
    decide({ reach: below });
    expect(() => decide({ reach: elsewhere })).toThrow('PERMISSION_MISSING');
    expect(() => decide({ reach: below, deputy: { ...other, posts: [{ role: 'rm', orgUnitId: 'sh' as OrgUnitId }] } })).toThrow(
      'DEPUTY_ELSEWHERE',
    );
    // Somebody who has left has no post anywhere.
    expect(() => requireWithin(below, { posts: [] })).toThrow('PERMISSION_MISSING');
  });

  it('is one of few that are not over', () => {
    const ownLive = Array.from({ length: mostAbsences }, (_, index) => absence('a', 'b', index + 1, index + 2));
    expect(() => decide({ ownLive })).toThrow('TOO_MANY_ABSENCES');
    decide({ ownLive: ownLive.slice(1) });
  });

  it('ends when it is cancelled, and not twice', () => {
    const away = absence('a', 'b', 0, 2);
    const cancelled = cancelAbsence(away, hour(1));
    expect(cancelled.cancelTime).toEqual(hour(1));
    expect(() => cancelAbsence(cancelled, hour(1))).toThrow('ABSENCE_OVER');
    expect(() => cancelAbsence(away, hour(2))).toThrow('ABSENCE_OVER');
  });

  it('never makes deputies lead back to the absent person, at any hour, and is taken wherever it does not', () => {
    const names = ['a', 'b', 'c', 'd'];
    const wanted = fc.record({
      who: fc.constantFrom(...names),
      deputy: fc.constantFrom(...names),
      from: fc.integer({ min: 0, max: 9 }),
      length: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(wanted, { maxLength: 12 }), (all) => {
        const taken: Absence[] = [];
        for (const { who, deputy, from, length } of all) {
          const one = absence(who, deputy, from, from + length);
          const ownLive = taken.filter(({ staffId }) => staffId === who);
          const possible = allowed(() =>
            requirePossible(one, { person: person(who), deputy: person(deputy), reach: 'everybody', ownLive, reached: taken }),
          );
          expect(possible).toBe(isFine([...taken, one]));
          if (possible) taken.push(one);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

const allowed = (work: () => void): boolean => {
  try {
    work();
    return true;
  } catch {
    return false;
  }
};

/** By the hour: everybody is in one absence at most, and who follows deputies comes to somebody at work. */
function isFine(absences: readonly Absence[]): boolean {
  for (let h = 0; h < 14; h += 1) {
    const away = absences.filter(({ startTime, endTime }) => startTime <= hour(h) && hour(h) < endTime);
    const deputyOf = new Map(away.map(({ staffId, deputyId }) => [staffId, deputyId]));
    if (deputyOf.size < away.length) return false;
    for (const { staffId } of away) {
      let at: StaffId | undefined = staffId;
      for (let steps = 0; at !== undefined; steps += 1) {
        if (steps > away.length) return false;
        at = deputyOf.get(at);
      }
    }
  }
  return true;
}
