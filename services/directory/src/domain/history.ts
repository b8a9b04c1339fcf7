import type { OrgUnit } from './org-unit.ts';
import type { StaffMember } from './staff.ts';

/** What the history keeps of a person or a unit: values by field name, in a fixed order. */
export type Facts = Readonly<Record<string, string>>;

export interface FieldChange {
  field: string;
  oldValue: string;
  newValue: string;
}

export const staffFacts = ({ staffNumber, displayName, email, state, posts }: StaffMember): Facts => ({
  staff_number: staffNumber,
  display_name: displayName,
  email,
  state,
  posts: posts.map(({ orgUnitId, role }) => `${role} orgUnits/${orgUnitId}`).join(', '),
});

export const orgUnitFacts = ({ code, displayName, kind, parentId }: OrgUnit): Facts => ({
  code,
  display_name: displayName,
  kind,
  parent: parentId === null ? '' : `orgUnits/${parentId}`,
});

/** The fields that differ; of something new, every field that has a value. */
export function changesBetween(before: Facts, after: Facts): FieldChange[] {
  return Object.entries(after)
    .map(([field, newValue]) => ({ field, oldValue: before[field] ?? '', newValue }))
    .filter(({ oldValue, newValue }) => oldValue !== newValue);
}
