import type { OrgUnitId } from '@bankcrm/kernel';
import {
  CustomerScope,
  type EmploymentRecord,
  type Role,
  type StaffRecord,
  StaffState,
  type WatchStaffResponse,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { noCustomers } from './caller.ts';
import { StaffDirectory } from './staff-directory.ts';

const start = new Date('2026-03-01T08:00:00Z');
const later = (ms: number): Date => new Date(start.getTime() + ms);

const { grants, ...none } = noCustomers;
const reset: WatchStaffResponse = { kind: { $case: 'reset', value: {} } };
const heartbeat = (revision: bigint): WatchStaffResponse => ({
  kind: { $case: 'heartbeat', value: { revision, sendTime: start } },
});
const role = (id: string, customerScopes: Role['customerScopes'], ...permissions: string[]): WatchStaffResponse =>
  roleAs(id, CustomerScope.NONE, customerScopes, permissions);
const roleAs = (
  id: string,
  customerScope: CustomerScope,
  customerScopes: CustomerScope[],
  permissions: string[] = [],
): WatchStaffResponse => ({
  kind: {
    $case: 'role',
    value: { id, displayNameZh: '', displayNameEn: '', customerScope, customerScopes, permissions, builtIn: true },
  },
});
const employment: EmploymentRecord = {
  position: 'private-banker',
  grade: 'P2',
  joinDate: '2024-03-01',
  skills: [],
  certifications: [{ kind: 'fund-sales', validUntil: '2027-03-31' }],
  absences: [],
  leaveTime: undefined,
};
const staff = (staffId: string, over: Partial<StaffRecord> = {}): WatchStaffResponse => ({
  kind: {
    $case: 'staff',
    value: {
      staffId,
      staffNumber: '100001',
      state: StaffState.ACTIVE,
      posts: [],
      notBefore: undefined,
      revision: 1n,
      employment,
      ...over,
    },
  },
});

describe('the staff directory', () => {
  let now: Date;
  let directory: StaffDirectory;
  const tell = (...messages: WatchStaffResponse[]): void => {
    for (const message of messages) directory.apply(message);
  };
  const reasonOf = (work: () => unknown): string => {
    try {
      work();
      return 'allowed';
    } catch (error) {
      return (error as { reason: string }).reason;
    }
  };

  beforeEach(() => {
    now = start;
    directory = new StaffDirectory({ now: () => now });
  });

  it('refuses everything until the first heartbeat', () => {
    expect(directory.caughtUp).toBe(false);
    expect(reasonOf(() => directory.requireFresh(false))).toBe('DIRECTORY_SILENT');
    tell(reset, staff('a'));
    expect(directory.caughtUp).toBe(false);
    tell(heartbeat(3n));
    expect(directory.caughtUp).toBe(true);
    expect(directory.revision).toBe(3n);
  });

  it('refuses high privilege after 30 seconds of silence and everything after 10 minutes', () => {
    tell(heartbeat(1n));
    const outcomes = (silentMs: number) => {
      now = later(silentMs);
      return [true, false].map((highPrivilege) => reasonOf(() => directory.requireFresh(highPrivilege)));
    };
    expect(outcomes(30_000)).toEqual(['allowed', 'allowed']);
    expect(outcomes(30_001)).toEqual(['DIRECTORY_SILENT', 'allowed']);
    expect(outcomes(600_000)).toEqual(['DIRECTORY_SILENT', 'allowed']);
    expect(outcomes(600_001)).toEqual(['DIRECTORY_SILENT', 'DIRECTORY_SILENT']);
    tell(heartbeat(1n));
    expect(outcomes(600_001)).toEqual(['allowed', 'allowed']);
  });

  it('knows nobody but active staff, and no token from before a suspension', () => {
    tell(staff('a'), heartbeat(1n));
    expect(directory.holderOf('100001', start).staffId).toBe('a');
    expect(reasonOf(() => directory.holderOf('100002', start))).toBe('UNKNOWN_STAFF');
    tell(staff('a', { state: StaffState.SUSPENDED, notBefore: later(5_000) }));
    expect(reasonOf(() => directory.holderOf('100001', later(9_000)))).toBe('STAFF_SUSPENDED');
    tell(staff('a', { notBefore: later(5_000) }));
    expect(reasonOf(() => directory.holderOf('100001', later(4_000)))).toBe('TOKEN_WITHDRAWN');
    expect(reasonOf(() => directory.holderOf('100001', later(5_000)))).toBe('allowed');
    tell(staff('a', { state: StaffState.LEFT }));
    expect(reasonOf(() => directory.holderOf('100001', later(9_000)))).toBe('STAFF_SUSPENDED');
  });

  it('keeps both posts apart, and gives one whose role is gone nothing but what everybody has', () => {
    tell(
      role('rm', [CustomerScope.PORTFOLIO], 'customer.customers.get'),
      role('branch-manager', [CustomerScope.SUBTREE], 'directory.staff.list'),
      staff('a', {
        posts: [
          { orgUnitId: 'u1', role: 'rm' },
          { orgUnitId: 'u2', role: 'branch-manager' },
        ],
      }),
      staff('b', { staffNumber: '100002', posts: [{ orgUnitId: 'u1', role: 'withdrawn' }] }),
      heartbeat(1n),
    );
    const everyones = [
      'audit.entries.list',
      'directory.absences.cancel',
      'directory.absences.create',
      'directory.absences.list',
      'directory.calendars.get',
      'directory.calendars.list',
      'directory.me.get',
      'directory.org-units.get',
      'directory.org-units.list',
      'directory.roles.list',
    ];
    const postsOf = (staffNumber: string) =>
      directory
        .holderOf(staffNumber, start)
        .posts.map(({ permissions, ...rest }) => ({ ...rest, permissions: [...permissions].sort() }));
    expect(postsOf('100001')).toEqual([
      {
        role: 'rm',
        permissions: ['customer.customers.get', ...everyones].sort(),
        scope: { ...none, portfolio: true },
      },
      {
        role: 'branch-manager',
        permissions: [...everyones, 'directory.staff.list'],
        scope: { ...none, orgUnitIds: ['u2'] },
      },
    ]);
    expect(postsOf('100002')).toEqual([{ role: 'withdrawn', permissions: everyones, scope: none }]);
  });

  it('takes all scopes of a role, and the one of a directory from before they were a list', () => {
    tell(
      roleAs('service-agent', CustomerScope.SERVED, [CustomerScope.SERVED, CustomerScope.TICKETS]),
      roleAs('teller', CustomerScope.SERVED, []),
      roleAs('marketer', CustomerScope.NONE, []),
      staff('a', { posts: ['service-agent', 'teller', 'marketer'].map((role) => ({ orgUnitId: 'u1', role })) }),
      heartbeat(1n),
    );
    expect(directory.holderOf('100001', start).posts.map(({ scope }) => scope)).toEqual([
      { ...none, served: true, tickets: true },
      { ...none, served: true },
      none,
    ]);
  });

  it('knows who holds a post in a unit or below, and does not go round in a tree that has a circle for a moment', () => {
    const unit = (orgUnitId: string, parentId: string): WatchStaffResponse => ({
      kind: { $case: 'orgUnit', value: { orgUnitId, code: orgUnitId, parentId, revision: 1n } },
    });
    const worksAt = (staffId: string, orgUnitId: string) =>
      staff(staffId, { staffNumber: `10000${staffId}`, posts: [{ orgUnitId, role: 'rm' }] });
    tell(unit('hq', ''), unit('bj', 'hq'), unit('hd', 'bj'), unit('sh', 'hq'), unit('x', 'y'), unit('y', 'x'));
    tell(worksAt('1', 'bj'), worksAt('2', 'hd'), worksAt('3', 'sh'), worksAt('4', 'hq'), worksAt('5', 'x'), heartbeat(1n));
    const below = (...units: string[]) => directory.staffBelow(units as OrgUnitId[]).sort();
    expect(below('bj')).toEqual(['1', '2']);
    expect(below('hd', 'sh')).toEqual(['2', '3']);
    expect(below('hq')).toEqual(['1', '2', '3', '4']);
    expect(below('y')).toEqual(['5']);
    expect(below()).toEqual([]);
  });

  it('locks nobody out while it is told everything anew, and forgets who is no longer told of', () => {
    tell(staff('a'), staff('b', { staffNumber: '100002' }), heartbeat(7n));
    tell(reset);
    // A stream that breaks here must begin anew, so it does not resume.
    expect(directory.revision).toBe(0n);
    expect(directory.holderOf('100001', start).staffId).toBe('a');
    tell(staff('b', { staffNumber: '100002' }), heartbeat(8n));
    expect(reasonOf(() => directory.holderOf('100001', start))).toBe('UNKNOWN_STAFF');
    expect(directory.staffIdOf('100002')).toBe('b');
    expect(directory.staffNumberOf('b')).toBe('100002');
  });

  it('keeps position, grade and certifications of people, and the unit above a unit', () => {
    const unit = (orgUnitId: string, parentId: string): WatchStaffResponse => ({
      kind: { $case: 'orgUnit', value: { orgUnitId, code: orgUnitId, parentId, revision: 1n } },
    });
    tell(staff('a'), unit('hq', ''), unit('bj', 'hq'), heartbeat(1n));
    expect(directory.recordOf('a')?.employment).toEqual(employment);
    expect(directory.recordOf('b')).toBeUndefined();
    expect(['bj', 'hq', 'x'].map((id) => directory.orgUnitAbove(id))).toEqual(['hq', undefined, undefined]);
  });

  it('is told everything anew after a directory that did not tell of absences yet', () => {
    tell(reset, staff('a', { employment: undefined }), heartbeat(3n));
    expect(directory.revision).toBe(0n);
    tell(reset, staff('a'), heartbeat(3n));
    expect(directory.revision).toBe(3n);
    // One of before takes over for a while.
    tell(staff('a', { employment: undefined }), heartbeat(4n));
    expect(directory.revision).toBe(0n);
  });

  it('lets a system do what its row of the permission table says and no other system anything', () => {
    expect([...directory.serviceCallerOf('customer').permissions]).toContain('directory.staff.watch');
    expect(reasonOf(() => directory.serviceCallerOf('stranger'))).toBe('UNKNOWN_SERVICE');
    expect(reasonOf(() => directory.serviceCallerOf('constructor'))).toBe('UNKNOWN_SERVICE');
  });
});
