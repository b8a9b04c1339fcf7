import type { GoldenRecord } from './golden-record.ts';

/** Where a customer belongs in the bank: what the codes of a golden record mean in the directory. */
export interface Placement {
  orgUnitId: string | null;
  /** Who looks after the customer: as BankCRM has assigned it, as core banking says where it never has. Null in the public pool. */
  rmStaffId: string | null;
  /** Whether that was assigned. */
  rmAssigned: boolean;
  /** Sees the customer as the relationship manager does. */
  dedicatedRmStaffId: string | null;
  /** As core banking says. */
  coreRmStaffId: string | null;
}

/** Who looks after a customer, as BankCRM has decided; null is a decision too. */
export interface Assigned {
  rmStaffId: string | null;
  dedicatedRmStaffId: string | null;
}

/** A golden record with its place, as the customer's row holds it. */
export type PlacedRecord = GoldenRecord & Placement;

/**
 * Puts a record in its place. A code that the directory does not know flags the record; where the same code meant something before, that stays: a
 * unit that was renamed keeps its customers until the core follows. What core banking says of the relationship manager counts until somebody was assigned.
 */
export function place(
  record: GoldenRecord,
  found: { orgUnitId: string | undefined; rmStaffId: string | undefined },
  assigned: Assigned | undefined,
  before: (Placement & Pick<GoldenRecord, 'homeOrgUnitCode' | 'rmStaffNumber'>) | undefined,
): PlacedRecord {
  const keptUnit = before?.homeOrgUnitCode === record.homeOrgUnitCode ? before.orgUnitId : null;
  const keptStaff = before?.rmStaffNumber === record.rmStaffNumber ? before.coreRmStaffId : null;
  const orgUnitId = record.homeOrgUnitCode === '' ? null : (found.orgUnitId ?? keptUnit);
  const coreRmStaffId = record.rmStaffNumber === '' ? null : (found.rmStaffId ?? keptStaff);
  const flags = [...record.flags];
  if (orgUnitId === null && record.homeOrgUnitCode !== '') flags.push('UNKNOWN_BRANCH');
  if (coreRmStaffId === null && record.rmStaffNumber !== '') flags.push('UNKNOWN_RM');
  const byCore = { rmStaffId: coreRmStaffId, rmAssigned: false, dedicatedRmStaffId: null, coreRmStaffId };
  const placed = { ...record, orgUnitId, ...byCore, flags: flags.sort() };
  return assigned === undefined ? placed : assign(placed, assigned);
}

/** Gives a customer to those who were assigned. What core banking says is kept beside. */
export const assign = (placed: PlacedRecord, { rmStaffId, dedicatedRmStaffId }: Assigned): PlacedRecord => ({
  ...placed,
  rmStaffId,
  dedicatedRmStaffId,
  rmAssigned: true,
});

/** What was assigned, as the customer's row says. */
export const assignedOf = (stored: Placement): Assigned | undefined => (stored.rmAssigned ? stored : undefined);

/** Fields of the record as events and histories name them. */
const compared: Record<string, (record: PlacedRecord) => unknown> = {
  kind: (record) => record.kind,
  state: (record) => record.state,
  full_name: (record) => record.fullName,
  short_name: (record) => record.shortName,
  primary_number: (record) => record.primaryNumber,
  segment: (record) => record.segment,
  home_org_unit: (record) => `${record.orgUnitId} ${record.homeOrgUnitCode}`,
  rm: (record) => `${record.rmStaffId} ${record.rmStaffNumber} ${record.rmAssigned} ${record.coreRmStaffId}`,
  dedicated_rm: (record) => record.dedicatedRmStaffId,
  restricted: (record) => record.restricted,
  birth_date: (record) => record.birthDate,
  open_date: (record) => record.openDate,
  close_date: (record) => record.closeDate,
  income: (record) => record.income && `${record.income.currencyCode} ${record.income.minorUnits}`,
  kyc: (record) => canonical(record.kyc),
  flags: (record) => record.flags.join(),
};

/** Names of the fields that differ; the profile's own names for what is in the profile. `field_sources` alone is a change, too. */
export function changedFields(before: PlacedRecord, after: PlacedRecord): string[] {
  const changed = Object.entries(compared).flatMap(([field, read]) => (read(before) === read(after) ? [] : [field]));
  for (const field of new Set([...Object.keys(before.profile), ...Object.keys(after.profile)]))
    if (before.profile[field] !== after.profile[field]) changed.push(field);
  if (changed.length === 0 && canonical(before.fieldSources) !== canonical(after.fieldSources)) changed.push('field_sources');
  return changed;
}

/** Text of a JSON value that does not depend on the order of keys: PostgreSQL's jsonb keeps its own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
