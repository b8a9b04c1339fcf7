import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import { describe, expect, it } from 'vitest';
import {
  changeDetails,
  concernsAccount,
  createStaffMember,
  leave,
  reinstate,
  type StaffMember,
  setPosts,
  setSkills,
  suspend,
} from './staff.ts';

const now = new Date('2026-03-01T08:00:00Z');
const post = (role: string) => ({ orgUnitId: 'u1' as OrgUnitId, role });
const member = (over: Partial<StaffMember> = {}): StaffMember => ({
  ...createStaffMember(
    { staffId: 's1' as StaffId, staffNumber: '100001', displayName: '张伟', email: 'zw@bank.example', posts: [post('rm')] },
    1n,
    new Date('2026-01-01T00:00:00Z'),
  ),
  ...over,
});
const by = (id: string, otherActiveAdmins = 1) => ({ by: id as StaffId, otherActiveAdmins, revision: 9n, now });
const reason = (text: string) => expect.objectContaining({ reason: text });

describe('a suspension', () => {
  it('withdraws every token issued until now, and keeps them withdrawn after the reinstatement', () => {
    const suspended = suspend(member(), by('boss'));
    expect(suspended).toMatchObject({ state: 'SUSPENDED', notBefore: now, version: 2, revision: 9n, updateTime: now });
    expect(reinstate(suspended, by('boss'))).toMatchObject({ state: 'ACTIVE', notBefore: now, version: 3 });
  });

  it('is nothing one does to oneself, nor to the last administrator, nor twice', () => {
    expect(() => suspend(member(), by('s1'))).toThrow(reason('OWN_STATE'));
    expect(() => suspend(member({ posts: [post('admin')] }), by('boss', 0))).toThrow(reason('LAST_ADMIN'));
    expect(() => suspend(member({ state: 'SUSPENDED' }), by('boss'))).toThrow(reason('NOT_ACTIVE'));
    expect(() => suspend(member({ state: 'LEFT' }), by('boss'))).toThrow(reason('NOT_ACTIVE'));
    expect(suspend(member({ posts: [post('admin')] }), by('boss', 1)).state).toBe('SUSPENDED');
  });

  it('ends only by somebody else, and only for who is suspended', () => {
    expect(() => reinstate(member({ state: 'SUSPENDED' }), by('s1'))).toThrow(reason('OWN_STATE'));
    expect(() => reinstate(member(), by('boss'))).toThrow(reason('NOT_SUSPENDED'));
    expect(() => reinstate(member({ state: 'LEFT' }), by('boss'))).toThrow(reason('NOT_SUSPENDED'));
  });
});

describe('leaving', () => {
  it('ends posts and tokens, for who works and for who is suspended', () => {
    const left = { state: 'LEFT', posts: [], notBefore: now, leaveTime: now, staffNumber: '100001', version: 2 };
    for (const state of ['ACTIVE', 'SUSPENDED'] as const) expect(leave(member({ state }), by('boss'))).toMatchObject(left);
  });

  it('is nothing one does to oneself, nor to the last administrator', () => {
    expect(() => leave(member(), by('s1'))).toThrow(reason('OWN_STATE'));
    const admin = member({ posts: [post('admin')] });
    expect(() => leave(admin, by('boss', 0))).toThrow(reason('LAST_ADMIN'));
    expect(leave({ ...admin, state: 'SUSPENDED' }, by('boss', 0)).state).toBe('LEFT');
  });

  it('is for good: nothing is changed any more', () => {
    const left = leave(member(), by('boss'));
    for (const change of [
      () => leave(left, by('boss')),
      () => setPosts(left, [post('rm')], by('boss')),
      () => setSkills(left, ['x'], by('boss')),
      () => changeDetails(left, { displayName: '王强' }, by('boss')),
    ])
      expect(change).toThrow(reason('HAS_LEFT'));
  });
});

describe('posts', () => {
  it('are given by somebody else, and never take the last administrator away', () => {
    expect(setPosts(member(), [post('teller')], by('boss')).posts).toEqual([post('teller')]);
    expect(() => setPosts(member(), [post('admin')], by('s1'))).toThrow(reason('OWN_POSTS'));
    const admin = member({ posts: [post('rm'), post('admin')] });
    expect(() => setPosts(admin, [post('rm')], by('boss', 0))).toThrow(reason('LAST_ADMIN'));
    expect(setPosts(admin, [post('admin')], by('boss', 0)).posts).toEqual([post('admin')]);
    expect(setPosts({ ...admin, state: 'SUSPENDED' }, [post('rm')], by('boss', 0)).posts).toEqual([post('rm')]);
  });
});

it('the identity provider is told of another address and another state, and of nothing else', () => {
  expect(concernsAccount(member(), member({ email: 'new@bank.example' }))).toBe(true);
  expect(concernsAccount(member(), member({ state: 'SUSPENDED' }))).toBe(true);
  expect(concernsAccount(member(), member({ displayName: '王强', posts: [post('admin')], version: 5 }))).toBe(false);
});
