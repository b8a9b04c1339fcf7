import type { PermissionTable, RoleScope } from '@bankcrm/access';
import { type CalendarYear, type WorkingHours, weekdays } from '@bankcrm/calendar';
import {
  type DayHours,
  type Calendar as WireCalendar,
  Weekday as WireWeekday,
  type CalendarYear as WireYear,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/calendars.ts';
import {
  CustomerScope,
  type Role,
  type Absence as WireAbsence,
  type Certification as WireCertification,
  type OrgUnit as WireOrgUnit,
  OrgUnitKind as WireOrgUnitKind,
  type StaffMember as WireStaffMember,
  StaffState as WireStaffState,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Absence } from '../domain/absence.ts';
import type { Calendar } from '../domain/calendar.ts';
import type { Certification } from '../domain/certification.ts';
import { etagOf } from '../domain/input.ts';
import { type OrgUnit, type OrgUnitKind, orgUnitKinds } from '../domain/org-unit.ts';
import { type StaffState, staffStates } from '../domain/staff.ts';
import type { StoredStaff } from './store.ts';

/** Our words to the protos' and back. */
export function orgUnitToWire(unit: OrgUnit): WireOrgUnit {
  return {
    name: `orgUnits/${unit.orgUnitId}`,
    code: unit.code,
    displayName: unit.displayName,
    kind: WireOrgUnitKind[unit.kind],
    parent: unit.parentId === null ? '' : `orgUnits/${unit.parentId}`,
    etag: etagOf(unit),
    createTime: unit.createTime,
    updateTime: unit.updateTime,
  };
}

export const kindFromWire = (kind: WireOrgUnitKind): OrgUnitKind | undefined =>
  orgUnitKinds.find((name) => WireOrgUnitKind[name] === kind);

export const stateFromWire = (state: WireStaffState): StaffState | undefined =>
  staffStates.find((name) => WireStaffState[name] === state);

export function staffToWire({ member, reconciled, reconcileError }: StoredStaff): WireStaffMember {
  return {
    name: `staff/${member.staffId}`,
    staffNumber: member.staffNumber,
    displayName: member.displayName,
    email: member.email,
    state: WireStaffState[member.state],
    posts: member.posts.map(({ orgUnitId, role }) => ({ orgUnit: `orgUnits/${orgUnitId}`, role })),
    etag: etagOf(member),
    reconciled,
    reconcileError,
    createTime: member.createTime,
    updateTime: member.updateTime,
    position: member.position,
    grade: member.grade,
    joinDate: member.joinDate,
    skills: [...member.skills],
    leaveTime: member.leaveTime ?? undefined,
  };
}

export const absenceToWire = ({
  absenceId,
  staffId,
  startTime,
  endTime,
  deputyId,
  cancelTime,
  createTime,
}: Absence): WireAbsence => ({
  name: `staff/${staffId}/absences/${absenceId}`,
  startTime,
  endTime,
  deputy: `staff/${deputyId}`,
  cancelTime: cancelTime ?? undefined,
  createTime,
});

export const certificationToWire = ({
  certificationId,
  staffId,
  kind,
  validUntil,
  createTime,
}: Certification): WireCertification => ({
  name: `staff/${staffId}/certifications/${certificationId}`,
  kind,
  validUntil,
  createTime,
});

export function calendarToWire({ calendarId, displayName, timeZone, week, years, ...calendar }: Calendar): WireCalendar {
  return {
    name: `calendars/${calendarId}`,
    displayName,
    timeZone,
    week: weekToWire(week),
    years: years.map(yearToWire),
    etag: etagOf(calendar),
    createTime: calendar.createTime,
    updateTime: calendar.updateTime,
  };
}

export const weekToWire = (week: WorkingHours['week']): DayHours[] =>
  weekdays.flatMap((weekday) => {
    const periods = week[weekday];
    return periods ? [{ weekday: WireWeekday[weekday], periods: [...periods] }] : [];
  });

export function yearToWire({ year, daysOff, makeUpDays }: CalendarYear): WireYear {
  const off = daysOff.map(({ name, date }) => ({ name, date, isOffDay: true, worksAs: WireWeekday.UNSPECIFIED }));
  const working = makeUpDays.map(({ name, date, worksAs }) => ({ name, date, isOffDay: false, worksAs: WireWeekday[worksAs] }));
  return { year, days: [...off, ...working].sort((a, b) => (a.date < b.date ? -1 : 1)) };
}

/** As the check of a week takes it. A weekday that we do not know stays a word that is none. */
export const weekFromWire = (week: readonly DayHours[]): Record<string, DayHours['periods']> =>
  Object.fromEntries(week.map(({ weekday, periods }) => [weekdayFromWire(weekday) ?? 'UNKNOWN', periods]));

export const weekdayFromWire = (weekday: WireWeekday): WireWeekdayName | undefined =>
  weekdays.find((name) => WireWeekday[name] === weekday);

type WireWeekdayName = (typeof weekdays)[number];

const wireScopes: Readonly<Record<RoleScope | 'NONE', CustomerScope>> = CustomerScope;
/** Readers from before scopes were a list take one alone, and do not know TICKETS. */
const oneScope = (scopes: readonly RoleScope[]): CustomerScope =>
  wireScopes[scopes.find((scope) => scope !== 'TICKETS') ?? 'NONE'];

/** The built-in roles of the permission table, in its order. */
export function rolesToWire(table: PermissionTable): Role[] {
  return Object.entries(table.roles).map(([id, { name, scopes, permissions }]) => ({
    id,
    displayNameZh: name.zh,
    displayNameEn: name.en,
    customerScope: oneScope(scopes),
    customerScopes: scopes.map((scope) => wireScopes[scope]),
    permissions: [...permissions],
    builtIn: true,
  }));
}
