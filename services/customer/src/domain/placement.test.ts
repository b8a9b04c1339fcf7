import { describe, expect, it } from 'vitest';
import type { GoldenRecord } from './golden-record.ts';
import { assign, changedFields, place } from './placement.ts';

const record = { homeOrgUnitCode: 'BJ', rmStaffNumber: '100001', flags: [] as string[], profile: {} } as unknown as GoldenRecord;
const found = { orgUnitId: 'unit', rmStaffId: 'core' };
const unknown = { orgUnitId: 'unit', rmStaffId: undefined };
const byHead = { rmStaffId: 'assigned', dedicatedRmStaffId: 'dedicated' };
const toPool = { rmStaffId: null, dedicatedRmStaffId: null };

describe('who looks after a customer', () => {
  it('is as core banking says until somebody was assigned', () => {
    expect(place(record, found, undefined, undefined)).toMatchObject({
      rmStaffId: 'core',
      rmAssigned: false,
      dedicatedRmStaffId: null,
      coreRmStaffId: 'core',
    });
  });

  it('is who was assigned from then on, nobody included, and core banking’s word stays beside', () => {
    expect(place(record, found, byHead, undefined)).toMatchObject({ ...byHead, rmAssigned: true, coreRmStaffId: 'core' });
    expect(place(record, found, toPool, undefined)).toMatchObject({ ...toPool, rmAssigned: true, coreRmStaffId: 'core' });
  });

  it('is the same whether the assignment or the snapshot came first', () => {
    const first = assign(place(record, found, undefined, undefined), byHead);
    expect(first).toEqual(place(record, found, byHead, undefined));
    const later = { ...record, rmStaffNumber: '100002' };
    const other = { ...found, rmStaffId: 'other' };
    expect(place(later, other, byHead, first)).toEqual(assign(place(later, other, undefined, undefined), byHead));
  });

  it('flags a number that the directory does not know, whoever was assigned, and keeps what it meant before', () => {
    expect(place(record, unknown, byHead, undefined)).toMatchObject({ ...byHead, coreRmStaffId: null, flags: ['UNKNOWN_RM'] });
    const before = place(record, found, byHead, undefined);
    expect(place(record, unknown, byHead, before)).toMatchObject({ ...byHead, coreRmStaffId: 'core', flags: [] });
    expect(place({ ...record, rmStaffNumber: '100002' }, unknown, byHead, before)).toMatchObject({ coreRmStaffId: null });
  });

  it('has changed where an assignment names the same person as core banking: it is decided now', () => {
    const before = place(record, found, undefined, undefined);
    expect(changedFields(before, assign(before, { rmStaffId: 'core', dedicatedRmStaffId: null }))).toEqual(['rm']);
    expect(changedFields(before, assign(before, { rmStaffId: 'core', dedicatedRmStaffId: 'x' }))).toEqual(['rm', 'dedicated_rm']);
    const after = assign(before, byHead);
    expect(changedFields(after, assign(after, byHead))).toEqual([]);
  });
});
