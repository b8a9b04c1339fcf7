import { weekdays } from '@bankcrm/calendar';
import type { Absence } from './absence.ts';
import type { Calendar } from './calendar.ts';
import type { Certification } from './certification.ts';
import type { OrgUnit } from './org-unit.ts';
import type { StaffMember } from './staff.ts';

/** What the history keeps of a person or a unit: values by field name, in a fixed order. */
export type Facts = Readonly<Record<string, string>>;

export interface FieldChange {
  field: string;
  oldValue: string;
  newValue: string;
}

export const staffFacts = ({
  staffNumber,
  displayName,
  email,
  state,
  posts,
  position,
  grade,
  joinDate,
  skills,
  leaveTime,
}: StaffMember): Facts => ({
  staff_number: staffNumber,
  display_name: displayName,
  email,
  state,
  posts: posts.map(({ orgUnitId, role }) => `${role} orgUnits/${orgUnitId}`).join(', '),
  position,
  grade,
  join_date: joinDate,
  skills: skills.join(', '),
  leave_time: leaveTime?.toISOString() ?? '',
});

export const absenceFacts = ({ startTime, endTime, deputyId, cancelTime }: Absence): Facts => ({
  start_time: startTime.toISOString(),
  end_time: endTime.toISOString(),
  deputy: `staff/${deputyId}`,
  cancel_time: cancelTime?.toISOString() ?? '',
});

export const certificationFacts = ({ kind, validUntil }: Pick<Certification, 'kind' | 'validUntil'>): Facts => ({
  kind,
  valid_until: validUntil,
});

export const orgUnitFacts = ({ code, displayName, kind, parentId }: OrgUnit): Facts => ({
  code,
  display_name: displayName,
  kind,
  parent: parentId === null ? '' : `orgUnits/${parentId}`,
});

/** Of a calendar, with one of its years: an import concerns no other. */
export const calendarFacts = ({ displayName, timeZone, week, years }: Calendar, year: number): Facts => ({
  display_name: displayName,
  time_zone: timeZone,
  week: weekdays
    .flatMap((weekday) => {
      const periods = week[weekday]?.map(({ from, to }) => `${from}–${to}`).join(' ');
      return periods ? [`${weekday} ${periods}`] : [];
    })
    .join(', '),
  years: years
    .filter((loaded) => loaded.year === year)
    .map(daysOf)
    .join(),
});

function daysOf({ year, daysOff, makeUpDays }: Calendar['years'][number]): string {
  const off = daysOff.map(({ date, name }) => `${date} ${name}`);
  const working = makeUpDays.map(({ date, name, worksAs }) => `${date} ${name} ${worksAs}`);
  return `${year}: ${[...off, ...working].sort().join(', ')}`;
}

/** The fields that differ; of something new, every field that has a value. */
export function changesBetween(before: Facts, after: Facts): FieldChange[] {
  return Object.entries(after)
    .map(([field, newValue]) => ({ field, oldValue: before[field] ?? '', newValue }))
    .filter(({ oldValue, newValue }) => oldValue !== newValue);
}
