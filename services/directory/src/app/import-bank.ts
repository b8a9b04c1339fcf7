import { readFileSync } from 'node:fs';
import { type PermissionTable, rolesOfPeople } from '@bankcrm/access';
import { nobody } from '@bankcrm/database';
import { newId, type OrgUnitId } from '@bankcrm/kernel';
import { parse } from 'yaml';
import { z } from 'zod';
import { checkCalendarYear, checkWorkingHours } from '../domain/calendar-year.ts';
import { parseCalendarName, parsePosts, parseStaffFields } from '../domain/input.ts';
import { createOrgUnit } from '../domain/org-unit.ts';
import { createStaffMember } from '../domain/staff.ts';
import type { DirectoryTx } from '../store/database.ts';
import { findCalendar, loadTree, lockDirectory, nextRevision } from '../store/store.ts';
import type { ChangeDeps } from './deps.ts';
import { ownCall } from './own-call.ts';
import { saveCalendarYear } from './save-calendar-year.ts';

const kinds = { 'head-office': 'HEAD_OFFICE', branch: 'BRANCH', 'sub-branch': 'SUB_BRANCH', team: 'TEAM' } as const;

const BankFile = z.strictObject({
  org_units: z.array(
    z.strictObject({
      code: z.string(),
      name: z.string(),
      kind: z.enum(['head-office', 'branch', 'sub-branch', 'team']),
      parent: z.string().optional(),
    }),
  ),
  staff: z.array(
    z.strictObject({
      staff_number: z.string(),
      name: z.string(),
      email: z.string(),
      posts: z.array(z.strictObject({ org_unit: z.string(), role: z.string() })),
    }),
  ),
  calendars: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        // Checked as an import by a person is.
        timeZone: z.unknown(),
        week: z.unknown(),
        years: z.array(z.unknown()),
      }),
    )
    .default([]),
});
export type BankFile = z.infer<typeof BankFile>;

/** Org units (each after the one above it), staff and calendars of a demonstration bank. Throws at start when the file is not such a one. */
export const readBankFile = (path: string): BankFile => BankFile.parse(parse(readFileSync(path, 'utf8')));

/**
 * Adds what of the file is not there yet, by code, staff number and id, in one transaction; what is there stays as it is.
 * Runs as the worker role at start, several replicas one after the other. Returns how many were added.
 */
export function importBank(
  deps: ChangeDeps,
  bank: BankFile,
  table: PermissionTable,
): Promise<{ orgUnits: number; staff: number; calendars: number }> {
  const roleIds = rolesOfPeople(table);
  return deps.database.inTransaction(nobody, async (tx) => {
    const act = { call: ownCall('ImportBank'), now: deps.clock.now() };
    let revision = await lockDirectory(tx);
    const idOf = await codes(tx);
    const tree = new Map(await loadTree(tx));
    let orgUnits = 0;
    for (const { code, name, kind, parent } of bank.org_units) {
      if (idOf.has(code)) continue;
      const parentId = parent === undefined ? null : idOf.get(parent);
      if (parentId === undefined) throw new Error(`org unit ${code} hangs under ${parent}, which does not come before it`);
      const fields = { orgUnitId: newId<'org-unit'>(), code, displayName: name, kind: kinds[kind], parentId };
      const unit = createOrgUnit(fields, tree, revision, act.now);
      await deps.records.insertOrgUnit(tx, unit, act);
      idOf.set(code, unit.orgUnitId);
      tree.set(unit.orgUnitId, parentId);
      revision = await nextRevision(tx);
      orgUnits += 1;
    }
    const known = new Set((await tx.db.staff.findMany({ select: { staffNumber: true } })).map((row) => row.staffNumber));
    let staff = 0;
    for (const { staff_number: staffNumber, name: displayName, email, posts } of bank.staff) {
      if (known.has(staffNumber)) continue;
      const named = posts.map(({ org_unit: code, role }) => ({ orgUnit: `orgUnits/${idOf.get(code) ?? code}`, role }));
      const fields = { ...parseStaffFields({ staffNumber, displayName, email }), posts: parsePosts(named, roleIds) };
      const member = createStaffMember({ staffId: newId(), ...fields }, revision, act.now);
      await deps.records.insertStaff(tx, member, act.now, act);
      revision = await nextRevision(tx);
      staff += 1;
    }
    let calendars = 0;
    for (const { id, name: displayName, timeZone, week, years } of bank.calendars) {
      const calendarId = parseCalendarName(`calendars/${id}`);
      if (await findCalendar(tx, calendarId)) continue;
      const hours = checkWorkingHours({ timeZone, week });
      for (const year of years.map(checkCalendarYear))
        await saveCalendarYear(tx, deps.records, { calendarId, displayName, hours, year }, '', act);
      calendars += 1;
    }
    return { orgUnits, staff, calendars };
  });
}

async function codes({ db }: DirectoryTx): Promise<Map<string, OrgUnitId>> {
  const rows = await db.orgUnit.findMany({ select: { code: true, orgUnitId: true } });
  return new Map(rows.map((row) => [row.code, row.orgUnitId as OrgUnitId]));
}
