import { denied, type Id, type OrgUnitId, refused, type StaffId } from '@bankcrm/kernel';
import { Reason } from './reasons.ts';
import { requireNotLeft, type StaffMember } from './staff.ts';

export type AbsenceId = Id<'absence'>;

export interface Period {
  startTime: Date;
  /** Not part of it. */
  endTime: Date;
}

export interface Absence extends Period {
  absenceId: AbsenceId;
  staffId: StaffId;
  /** Who stands in. */
  deputyId: StaffId;
  /** From then on it counts no more. */
  cancelTime: Date | null;
  createTime: Date;
}

/** Whose absences somebody may manage: the own, those of the people below units, everybody's. */
export type Reach = 'own' | 'everybody' | { isBelow: (orgUnitId: OrgUnitId) => boolean };

/** Of one person, that are not over. */
export const mostAbsences = 50;

type Person = Pick<StaffMember, 'staffId' | 'state' | 'posts'>;

/**
 * Throws DENIED `PERMISSION_MISSING` where a person has a post outside the units: the deputy would stand in for that one, too.
 */
export function requireWithin(reach: Reach, { posts }: Pick<Person, 'posts'>): void {
  if (reach === 'own' || reach === 'everybody') return;
  if (posts.length === 0 || !posts.every(({ orgUnitId }) => reach.isBelow(orgUnitId)))
    throw denied(Reason.permissionMissing, { permission: managesAbsences });
}

/** Absences of others: of all people, or of those below the post's unit. */
export const managesAbsences = 'directory.absences.manage';

/**
 * Decides whether a person may be absent in a period with a deputy, who stands in as superior. Of the own absence only somebody who holds all of the person's roles
 * may; a manager names somebody of the people below.
 * `ownLive` are the person's absences that are not over, `reached` those that one comes to from the deputy, from deputy to deputy.
 */
export function requirePossible(
  period: Period,
  {
    person,
    deputy,
    reach,
    ownLive,
    reached,
  }: { person: Person; deputy: Person; reach: Reach; ownLive: readonly Absence[]; reached: readonly Absence[] },
): void {
  requireWithin(reach, person);
  requireNotLeft(person);
  if (deputy.staffId === person.staffId) throw refused(Reason.ownDeputy);
  if (deputy.state !== 'ACTIVE') throw refused(Reason.deputyNotActive);
  const rolesOfDeputy = new Set(deputy.posts.map(({ role }) => role));
  if (reach === 'own' && !person.posts.every(({ role }) => rolesOfDeputy.has(role))) throw refused(Reason.deputyLacksRole);
  if (typeof reach === 'object' && !deputy.posts.some(({ orgUnitId }) => reach.isBelow(orgUnitId)))
    throw refused(Reason.deputyElsewhere);
  if (ownLive.some((absence) => sharedPeriod(absence, period))) throw refused(Reason.absenceOverlaps);
  if (ownLive.length >= mostAbsences) throw refused(Reason.tooManyAbsences, { limit: mostAbsences });
  if (leadsTo(person.staffId, deputy.staffId, period, reached)) throw refused(Reason.deputyComesBack);
}

/** Ends it now, or takes it back before it began. Throws REFUSED `ABSENCE_OVER`. */
export function cancelAbsence(absence: Absence, now: Date): Absence {
  if (absence.cancelTime !== null || absence.endTime <= now) throw refused(Reason.absenceOver);
  return { ...absence, cancelTime: now };
}

/** Whether at some instant of the period one comes from a person to another, from deputy to deputy. */
function leadsTo(to: StaffId, from: StaffId, period: Period, absences: readonly Absence[]): boolean {
  return absences.some((absence) => {
    const shared = absence.staffId === from ? sharedPeriod(absence, period) : undefined;
    return shared !== undefined && (absence.deputyId === to || leadsTo(to, absence.deputyId, shared, absences));
  });
}

function sharedPeriod(a: Period, b: Period): Period | undefined {
  const startTime = new Date(Math.max(a.startTime.getTime(), b.startTime.getTime()));
  const endTime = new Date(Math.min(a.endTime.getTime(), b.endTime.getTime()));
  return startTime < endTime ? { startTime, endTime } : undefined;
}
