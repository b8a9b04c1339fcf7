import type { CalendarYear } from '@bankcrm/calendar';
import type { Tx } from '@bankcrm/database';
import { denied, notFound, type OrgUnitId, type StaffId } from '@bankcrm/kernel';
import type {
  Absence as AbsenceRow,
  Account,
  Calendar as CalendarRow,
  CalendarYear as CalendarYearRow,
  Certification as CertificationRow,
  OrgUnit as OrgUnitRow,
  Post as PostRow,
  Staff as StaffRow,
} from '../../prisma/generated/client.ts';
import type { Absence, AbsenceId, Period } from '../domain/absence.ts';
import type { Calendar } from '../domain/calendar.ts';
import type { Certification, CertificationId } from '../domain/certification.ts';
import type { OrgUnit, OrgUnitKind, ParentOf } from '../domain/org-unit.ts';
import { Reason } from '../domain/reasons.ts';
import type { StaffMember, StaffState } from '../domain/staff.ts';
import type { DirectoryTx } from './database.ts';

/** A person with how far the identity provider's account has come. */
export interface StoredStaff {
  member: StaffMember;
  reconciled: boolean;
  reconcileError: string;
}

export const withPosts = { posts: { orderBy: { ordinal: 'asc' } }, account: true } as const;

/**
 * Lets one change of the directory through at a time, until its transaction ends. Changes are rare; in exchange the tree has
 * no cycle, an administrator is always left, and revisions become visible in their order, on which the feed rests.
 * Returns the revision of the change.
 */
export async function lockDirectory(tx: DirectoryTx): Promise<bigint> {
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('bankcrm/directory/changes', 0))`;
  return nextRevision(tx);
}

/** One more, for a transaction that holds the lock and changes several things. */
export async function nextRevision(tx: Tx): Promise<bigint> {
  const { rows } = await tx.query<{ revision: bigint }>(`SELECT nextval('directory.revision') AS revision`);
  return rows[0]!.revision;
}

export function orgUnitOf(row: OrgUnitRow): OrgUnit {
  return {
    ...row,
    orgUnitId: row.orgUnitId as OrgUnitId,
    kind: row.kind as OrgUnitKind,
    parentId: row.parentId as OrgUnitId | null,
  };
}

export function staffOf({ posts, account, ...row }: StaffRow & { posts: PostRow[]; account: Account | null }): StoredStaff {
  return {
    member: {
      ...row,
      staffId: row.staffId as StaffId,
      state: row.state as StaffState,
      joinDate: row.joinDate === null ? '' : civilDateOf(row.joinDate),
      posts: posts.map(({ orgUnitId, role }) => ({ orgUnitId: orgUnitId as OrgUnitId, role })),
    },
    reconciled: account !== null && account.storedVersion >= account.wantedVersion,
    reconcileError: account?.error ?? '',
  };
}

/** A day as Prisma gives it: midnight of UTC. */
const civilDateOf = (day: Date): string => day.toISOString().slice(0, 10);

export const absenceOf = (row: AbsenceRow): Absence => ({
  ...row,
  absenceId: row.absenceId as AbsenceId,
  staffId: row.staffId as StaffId,
  deputyId: row.deputyId as StaffId,
});

export const certificationOf = (row: CertificationRow): Certification => ({
  ...row,
  certificationId: row.certificationId as CertificationId,
  staffId: row.staffId as StaffId,
  validUntil: civilDateOf(row.validUntil),
});

export const withYears = { years: { orderBy: { year: 'asc' } } } as const;

/** What is stored of week and days was checked when it came in. */
export const calendarOf = ({ week, years, ...row }: CalendarRow & { years: CalendarYearRow[] }): Calendar => ({
  ...row,
  week: week as unknown as Calendar['week'],
  years: years.map(({ year, days }) => ({ year, ...(days as unknown as Omit<CalendarYear, 'year'>) })),
});

export async function findCalendar({ db }: DirectoryTx, calendarId: string): Promise<Calendar | undefined> {
  const row = await db.calendar.findUnique({ where: { calendarId }, include: withYears });
  return row ? calendarOf(row) : undefined;
}

export async function loadCalendar(tx: DirectoryTx, calendarId: string): Promise<Calendar> {
  const found = await findCalendar(tx, calendarId);
  if (!found) throw notFound();
  return found;
}

export async function loadAbsence({ db }: DirectoryTx, staffId: StaffId, absenceId: AbsenceId): Promise<Absence> {
  const row = await db.absence.findUnique({ where: { absenceId, staffId } });
  if (!row) throw notFound();
  return absenceOf(row);
}

/** The absences of a person that are not over. */
export async function loadLiveAbsences({ db }: DirectoryTx, staffId: StaffId, now: Date): Promise<Absence[]> {
  const rows = await db.absence.findMany({ where: { staffId, cancelTime: null, endTime: { gt: now } } });
  return rows.map(absenceOf);
}

/** The absences within a period that one comes to from a person, from deputy to deputy. */
export async function loadReachedAbsences(tx: DirectoryTx, from: StaffId, { startTime, endTime }: Period): Promise<Absence[]> {
  const { rows } = await tx.query<AbsenceRow>(
    `WITH RECURSIVE reached AS (
       SELECT $1::uuid AS staff_id
       UNION
       SELECT deputy_id FROM reached JOIN directory.absence USING (staff_id)
       WHERE cancel_time IS NULL AND end_time > $2::timestamptz AND start_time < $3::timestamptz
     )
     SELECT absence_id AS "absenceId", staff_id AS "staffId", start_time AS "startTime", end_time AS "endTime",
       deputy_id AS "deputyId", cancel_time AS "cancelTime", create_time AS "createTime"
     FROM reached JOIN directory.absence USING (staff_id)
     WHERE cancel_time IS NULL AND end_time > $2::timestamptz AND start_time < $3::timestamptz`,
    [from, startTime, endTime],
  );
  return rows.map(absenceOf);
}

/** The certifications of a person, in the order of their kinds. */
export async function loadCertifications({ db }: DirectoryTx, staffId: StaffId): Promise<Certification[]> {
  const rows = await db.certification.findMany({ where: { staffId }, orderBy: [{ kind: 'asc' }, { validUntil: 'asc' }] });
  return rows.map(certificationOf);
}

export async function loadOrgUnit({ db }: DirectoryTx, orgUnitId: OrgUnitId): Promise<OrgUnit> {
  const row = await db.orgUnit.findUnique({ where: { orgUnitId } });
  if (!row) throw notFound();
  return orgUnitOf(row);
}

export async function loadTree({ db }: DirectoryTx): Promise<ParentOf> {
  const rows = await db.orgUnit.findMany({ select: { orgUnitId: true, parentId: true } });
  return new Map(rows.map((row) => [row.orgUnitId as OrgUnitId, row.parentId as OrgUnitId | null]));
}

export async function findStaff({ db }: DirectoryTx, staffId: StaffId): Promise<StoredStaff | undefined> {
  const row = await db.staff.findUnique({ where: { staffId }, include: withPosts });
  return row ? staffOf(row) : undefined;
}

export async function loadStaff(tx: DirectoryTx, staffId: StaffId): Promise<StoredStaff> {
  const found = await findStaff(tx, staffId);
  if (!found) throw notFound();
  return found;
}

/**
 * Throws DENIED `STAFF_SUSPENDED` when the caller, let in a moment ago, has been suspended before their turn came under the lock:
 * of two who suspend one another only the first succeeds.
 */
export async function requireActive({ db }: DirectoryTx, staffId: StaffId): Promise<void> {
  const caller = await db.staff.findUnique({ where: { staffId }, select: { state: true } });
  if (caller?.state !== 'ACTIVE') throw denied(Reason.staffSuspended);
}

/** Administrators at work besides the one given. */
export const countOtherActiveAdmins = ({ db }: DirectoryTx, staffId: StaffId): Promise<number> =>
  db.staff.count({ where: { staffId: { not: staffId }, state: 'ACTIVE', posts: { some: { role: 'admin' } } } });
