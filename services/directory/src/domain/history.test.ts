import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import { expect, it } from 'vitest';
import { changesBetween, orgUnitFacts, staffFacts } from './history.ts';
import { createOrgUnit } from './org-unit.ts';
import { createStaffMember } from './staff.ts';

const now = new Date('2026-03-01T08:00:00Z');
const post = (role: string) => ({ orgUnitId: 'u1' as OrgUnitId, role });
const fields = { staffId: 's1' as StaffId, staffNumber: '100001', displayName: '张伟', email: 'zw@bank.example' };
const member = createStaffMember({ ...fields, posts: [post('rm')] }, 1n, now);

it('the history of a person tells which posts were held, and only what became another value', () => {
  const promoted = { ...member, posts: [post('senior-rm'), post('branch-manager')], version: 2, revision: 9n };
  expect(changesBetween(staffFacts(member), staffFacts(promoted))).toEqual([
    { field: 'posts', oldValue: 'rm orgUnits/u1', newValue: 'senior-rm orgUnits/u1, branch-manager orgUnits/u1' },
  ]);
});

it('the history of something new tells every value it has', () => {
  expect(changesBetween({}, staffFacts(member)).map(({ field, newValue }) => [field, newValue])).toEqual([
    ['staff_number', '100001'],
    ['display_name', '张伟'],
    ['email', 'zw@bank.example'],
    ['state', 'ACTIVE'],
    ['posts', 'rm orgUnits/u1'],
  ]);
  const headOffice = {
    orgUnitId: 'u1' as OrgUnitId,
    code: 'HQ',
    displayName: '总行',
    kind: 'HEAD_OFFICE',
    parentId: null,
  } as const;
  expect(changesBetween({}, orgUnitFacts(createOrgUnit(headOffice, new Map(), 1n, now)))).not.toContainEqual(
    expect.objectContaining({ field: 'parent' }),
  );
});
