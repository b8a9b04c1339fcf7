import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import { type StaffRecord, StaffState } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { StaffDirectory } from './staff-directory.ts';
import { actingFor, superiorOf } from './superior.ts';

const at = new Date('2026-03-02T02:00:00Z');
const hour = (hours: number): Date => new Date(at.getTime() + hours * 3_600_000);

describe('the superior of a post', () => {
  let known: StaffDirectory;
  /** `HQ` above `BJ` above `BJ-CY`, and `SH` beside `BJ`. */
  const tree: Record<string, string> = { HQ: '', BJ: 'HQ', SH: 'HQ', 'BJ-CY': 'BJ' };

  beforeEach(() => {
    known = new StaffDirectory({ now: () => at });
    for (const [orgUnitId, parentId] of Object.entries(tree))
      known.apply({ kind: { $case: 'orgUnit', value: { orgUnitId, code: orgUnitId, parentId, revision: 1n } } });
    beat();
  });
  const beat = () => known.apply({ kind: { $case: 'heartbeat', value: { revision: 1n, sendTime: at } } });

  /** A person named by the staff number, with posts as `role unit`. */
  function works(
    staffNumber: string,
    posts: string[],
    over: { state?: StaffRecord['state']; away?: [number, number, string][] } = {},
  ) {
    const { state = StaffState.ACTIVE, away = [] } = over;
    const value: StaffRecord = {
      staffId: staffNumber,
      staffNumber,
      state,
      posts: posts.map((post) => ({ role: post.split(' ')[0]!, orgUnitId: post.split(' ')[1]! })),
      notBefore: undefined,
      revision: 1n,
      employment: {
        position: '',
        grade: '',
        joinDate: '',
        skills: [],
        certifications: [],
        absences: away.map(([from, to, deputyId]) => ({ startTime: hour(from), endTime: hour(to), deputyId })),
        leaveTime: undefined,
      },
    };
    known.apply({ kind: { $case: 'staff', value } });
  }
  const superior = (staffId: string, orgUnitId: string) =>
    superiorOf(known, { staffId: staffId as StaffId, orgUnitId: orgUnitId as OrgUnitId }, at);

  it('is the manager of its unit', () => {
    works('2', ['branch-manager BJ-CY']);
    works('3', ['branch-manager BJ']);
    works('4', ['rm BJ-CY']);
    expect(superior('4', 'BJ-CY')).toBe('2');
  });

  it('is the nearest manager above where the unit has none, and for its manager', () => {
    works('2', ['branch-manager BJ']);
    works('3', ['branch-manager HQ']);
    works('4', ['branch-manager SH']);
    expect(superior('9', 'BJ-CY')).toBe('2');
    works('5', ['senior-rm BJ-CY', 'branch-manager BJ-CY']);
    expect(superior('9', 'BJ-CY')).toBe('5');
    expect(superior('5', 'BJ-CY')).toBe('2');
    expect(superior('2', 'BJ')).toBe('3');
  });

  it('is a head-office manager where nobody is above, wherever that one sits, and never the asker', () => {
    works('2', ['hq-manager SH']);
    works('3', ['branch-manager BJ']);
    expect(superior('3', 'BJ')).toBe('2');
    expect(superior('2', 'HQ')).toBeUndefined();
    works('4', ['hq-manager HQ']);
    expect(superior('2', 'HQ')).toBe('4');
  });

  it('is the one with the lowest number of several, as numbers go', () => {
    works('1000000', ['branch-manager BJ']);
    works('200000', ['branch-manager BJ']);
    expect(superior('9', 'BJ')).toBe('200000');
  });

  it('is nobody who is suspended or has left', () => {
    works('2', ['branch-manager BJ'], { state: StaffState.SUSPENDED });
    works('3', ['branch-manager BJ'], { state: StaffState.LEFT });
    works('4', ['hq-manager HQ']);
    expect(superior('9', 'BJ')).toBe('4');
  });

  it('is the deputy in an absence, from its start on and until its end', () => {
    for (const [from, to, who] of [
      [0, 1, '7'],
      [-1, 0, '2'],
      [1, 2, '2'],
    ] as const) {
      works('2', ['branch-manager BJ'], { away: [[from, to, '7']] });
      works('7', ['rm SH']);
      expect(superior('9', 'BJ')).toBe(who);
    }
  });

  it('is the deputy of a deputy who is away, too', () => {
    works('2', ['branch-manager BJ'], { away: [[-1, 1, '7']] });
    works('7', ['rm BJ'], { away: [[-1, 1, '8']] });
    works('8', ['rm BJ']);
    expect(superior('9', 'BJ')).toBe('8');
  });

  it('is not the asker as deputy, nor who stands in for the asker: then the next one', () => {
    works('2', ['branch-manager BJ'], { away: [[-1, 1, '9']] });
    works('9', ['rm BJ'], { away: [[-1, 1, '8']] });
    works('8', ['rm BJ']);
    works('5', ['branch-manager HQ']);
    expect(superior('9', 'BJ')).toBe('5');
    works('3', ['branch-manager BJ']);
    expect(superior('9', 'BJ')).toBe('3');
  });

  it('is the next one where the deputy does not work any more', () => {
    works('2', ['branch-manager BJ'], { away: [[-1, 1, '7']] });
    works('7', [], { state: StaffState.LEFT });
    works('5', ['hq-manager HQ']);
    expect(superior('9', 'BJ')).toBe('5');
  });

  it('is found although tree or deputies go round in a circle for a moment', () => {
    known.apply({ kind: { $case: 'orgUnit', value: { orgUnitId: 'HQ', code: 'HQ', parentId: 'BJ', revision: 2n } } });
    works('2', ['branch-manager SH'], { away: [[-1, 1, '3']] });
    works('3', ['rm SH'], { away: [[-1, 1, '2']] });
    works('5', ['hq-manager HQ']);
    expect(superior('9', 'BJ-CY')).toBe('5');
    expect(superior('9', 'SH')).toBe('5');
    expect(actingFor(known, '2' as StaffId, at, '9' as StaffId)).toBeUndefined();
  });

  it('is known of a directory that tells of no absences', () => {
    const value = { staffId: '2', staffNumber: '2', state: StaffState.ACTIVE, notBefore: undefined, revision: 1n };
    known.apply({ kind: { $case: 'staff', value: { ...value, posts: [{ role: 'branch-manager', orgUnitId: 'BJ' }] } } });
    expect(superior('9', 'BJ')).toBe('2');
  });
});
