import {
  type HistoryEntry,
  type OrgUnit,
  OrgUnitKind,
  StaffMember,
  StaffState,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  firstPassword,
  keycloakUser,
  newStaffNumber,
  orgUnitsRpc,
  passwordGrant,
  type Suite,
  staffRpc,
  startSuite,
} from './support/harness.ts';

const hourMs = 3_600_000;
/** Of the whole file: what ends when another begins must end in the same second. */
const now = Math.floor(Date.now() / 1_000) * 1_000;
const inHours = (hours: number): Date => new Date(now + hours * hourMs);

describe('people who are away', () => {
  let suite: Suite;
  let headOffice: OrgUnit;
  let branch: OrgUnit;
  let team: OrgUnit;

  beforeAll(async () => {
    suite = await startSuite();
    const { orgUnits } = await suite.call(orgUnitsRpc.listOrgUnits, { pageSize: 0, pageToken: '' });
    headOffice = orgUnits[0]!;
    branch = await createUnit('BJ', OrgUnitKind.BRANCH, headOffice.name);
    team = await createUnit('BJ-TEAM', OrgUnitKind.TEAM, branch.name);
  });
  afterAll(() => suite?.stop());

  const createUnit = (code: string, kind: OrgUnit['kind'], parent: string) =>
    suite.call(orgUnitsRpc.createOrgUnit, { orgUnit: { ...headOffice, code, kind, parent }, requestId: '' });

  async function create(role: string, unit: OrgUnit = branch): Promise<StaffMember> {
    const staffNumber = newStaffNumber();
    const { staffMember } = await suite.call(staffRpc.createStaff, {
      staffNumber,
      displayName: '张伟',
      email: `s${staffNumber}@bank.example`,
      posts: [{ orgUnit: unit.name, role }],
      requestId: '',
    });
    return staffMember!;
  }
  const signIn = ({ staffNumber }: StaffMember) => suite.signIn(staffNumber);
  const get = ({ name }: StaffMember) => suite.call(staffRpc.getStaff, { name });
  interface Wanted {
    from?: number;
    to?: number;
    token?: string;
    requestId?: string;
  }
  const away = (person: StaffMember, deputy: StaffMember, { from = -1, to = 1, token, requestId = '' }: Wanted = {}) => {
    const absence = {
      name: '',
      startTime: inHours(from),
      endTime: inHours(to),
      deputy: deputy.name,
      cancelTime: undefined,
      createTime: undefined,
    };
    return suite.call(staffRpc.createAbsence, { parent: person.name, absence, requestId }, token);
  };
  const cancel = (name: string, token?: string) => suite.call(staffRpc.cancelAbsence, { name }, token);
  const list = ({ name }: StaffMember, token?: string, page = { pageSize: 0, pageToken: '' }) =>
    suite.call(staffRpc.listAbsences, { parent: name, ...page }, token);
  const leave = ({ name, etag }: StaffMember, token?: string) =>
    suite.call(staffRpc.leaveStaff, { name, etag, reason: 'RESIGNED' }, token);
  const history = async ({ name }: StaffMember): Promise<HistoryEntry[]> =>
    (await suite.call(staffRpc.listStaffHistory, { parent: name, pageSize: 50, pageToken: '' })).entries;
  /** What a new watcher is told of a person. */
  async function told({ name }: StaffMember) {
    const watcher = suite.watch(0n);
    try {
      return await eventually(() => {
        const records = watcher.messages.flatMap(({ message: { kind } }) => (kind?.$case === 'staff' ? [kind.value] : []));
        const record = records.findLast(({ staffId }) => name === `staff/${staffId}`);
        if (!record) throw new Error('nothing yet');
        return record;
      });
    } finally {
      watcher.cancel();
    }
  }

  it('have a deputy for a period, which is told to every service, kept in the history, and entered once per request id', async () => {
    const [person, deputy] = [await create('rm'), await create('rm')];
    const replies = await Promise.all([1, 2, 3].map(() => away(person, deputy, { requestId: 'absence-1' })));
    expect(new Set(replies.map(({ name }) => name)).size).toBe(1);
    const [absence] = replies;
    expect(absence).toMatchObject({ deputy: deputy.name, startTime: inHours(-1), endTime: inHours(1), cancelTime: undefined });
    await eventually(async () =>
      expect((await told(person)).employment!.absences).toEqual([
        { startTime: absence!.startTime, endTime: absence!.endTime, deputyId: deputy.name.slice('staff/'.length) },
      ]),
    );
    const [entered] = await history(person);
    expect(entered).toMatchObject({
      operation: 'bankcrm.directory.v1.Staff/CreateAbsence',
      actor: suite.admin.member.name,
      changes: [
        { field: 'start_time', oldValue: '', newValue: absence!.startTime!.toISOString() },
        { field: 'end_time', oldValue: '', newValue: absence!.endTime!.toISOString() },
        { field: 'deputy', oldValue: '', newValue: deputy.name },
      ],
    });
    // The person was read before: an absence is none of the fields that the etag stands for.
    expect((await get(person)).etag).toBe(person.etag);

    const cancelled = await cancel(absence!.name);
    expect(cancelled.cancelTime).toBeInstanceOf(Date);
    await eventually(async () => expect((await told(person)).employment!.absences).toEqual([]));
    await expect(cancel(absence!.name)).rejects.toMatchObject({ reason: 'ABSENCE_OVER' });
    expect((await history(person))[0]!.changes).toMatchObject([{ field: 'cancel_time', oldValue: '' }]);
    // Now the period is free again.
    await away(person, deputy);
  });

  it('have one deputy at a time, who works and is somebody else', async () => {
    const [person, deputy, gone] = [await create('rm'), await create('rm'), await create('rm')];
    await away(person, deputy, { from: 10, to: 20 });
    for (const [from, to] of [
      [5, 11],
      [19, 25],
      [12, 13],
      [5, 25],
    ] as const)
      await expect(away(person, deputy, { from, to })).rejects.toMatchObject({ reason: 'ABSENCE_OVERLAPS' });
    // What ends when the other begins does not overlap.
    await away(person, deputy, { from: 20, to: 21 });
    await away(person, deputy, { from: 9, to: 10 });
    await expect(away(deputy, deputy)).rejects.toMatchObject({ reason: 'OWN_DEPUTY' });
    await leave(gone);
    await expect(away(person, gone, { from: 30, to: 31 })).rejects.toMatchObject({ reason: 'DEPUTY_NOT_ACTIVE' });
    const nobody = { ...deputy, name: 'staff/0190a3f0-0000-7000-8000-000000000001' };
    await expect(away(person, nobody, { from: 30, to: 31 })).rejects.toMatchObject({ reason: 'UNKNOWN_DEPUTY' });
    await expect(away(nobody, deputy)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  it('have a period that ends after it begins, not in the past, and within 366 days', async () => {
    const [person, deputy] = [await create('rm'), await create('rm')];
    for (const [from, to] of [
      [2, 2],
      [2, 1],
      [-2, -1],
      [0, 366 * 24 + 1],
    ] as const)
      await expect(away(person, deputy, { from, to })).rejects.toMatchObject({
        kind: 'INVALID',
        fields: [{ field: 'absence.end_time' }],
      });
    await expect(
      suite.call(staffRpc.createAbsence, { parent: person.name, absence: undefined, requestId: '' }),
    ).rejects.toMatchObject({ fields: [{ field: 'absence' }] });
    await away(person, deputy, { from: 0, to: 366 * 24 });
  });

  it('are not stood in for by a chain that comes back to them', async () => {
    const [a, b, c] = [await create('rm'), await create('rm'), await create('rm')];
    await away(a, b, { from: 0, to: 10 });
    await away(b, c, { from: 5, to: 15 });
    // From the fifth to the tenth hour c would stand in for b, who stands in for a.
    await expect(away(c, a, { from: 9, to: 12 })).rejects.toMatchObject({ reason: 'DEPUTY_COMES_BACK' });
    await away(c, a, { from: 10, to: 12 });
    await expect(away(a, c, { from: 11, to: 12 })).rejects.toMatchObject({ reason: 'DEPUTY_COMES_BACK' });
    await expect(away(c, b, { from: 0, to: 6 })).rejects.toMatchObject({ reason: 'DEPUTY_COMES_BACK' });
    await away(c, b, { from: 0, to: 5 });
  });

  it('enter their own absence with a deputy of their roles, and no absence of others', async () => {
    const [person, peer, teller] = [await create('rm'), await create('rm', headOffice), await create('teller')];
    const token = await signIn(person);
    await expect(away(person, teller, { token })).rejects.toMatchObject({ reason: 'DEPUTY_LACKS_ROLE' });
    const absence = await away(person, peer, { token });
    expect((await list(person, token)).absences).toEqual([absence]);
    const theirs = await away(peer, teller, { from: 5, to: 6 });
    for (const attempt of [
      () => away(peer, person, { token, from: 7, to: 8 }),
      () => list(peer, token),
      () => cancel(theirs.name, token),
    ])
      await expect(attempt()).rejects.toMatchObject({
        kind: 'DENIED',
        reason: 'PERMISSION_MISSING',
        metadata: { permission: 'directory.absences.manage' },
      });
    await cancel(absence.name, token);
  });

  it('are entered by the manager of their unit, with a deputy from there', async () => {
    const [person, deputy, outsider] = [await create('rm', team), await create('teller', team), await create('rm', headOffice)];
    const manager = await create('branch-manager', branch);
    const token = await signIn(manager);
    await expect(away(person, outsider, { token })).rejects.toMatchObject({ reason: 'DEPUTY_ELSEWHERE' });
    await expect(away(outsider, person, { token })).rejects.toMatchObject({ reason: 'PERMISSION_MISSING' });
    const { name } = await away(person, deputy, { token });
    expect((await list(person, token)).absences).toHaveLength(1);
    await cancel(name, token);
    // One with a post elsewhere, too: the deputy would get what that one allows.
    const { etag } = await get(person);
    const posts = [...person.posts, { orgUnit: headOffice.name, role: 'compliance' }];
    await suite.call(staffRpc.setPosts, { name: person.name, posts, etag });
    await expect(away(person, deputy, { token })).rejects.toMatchObject({ reason: 'PERMISSION_MISSING' });
  });

  it('see their absences page by page, the latest first, those of before included', async () => {
    const [person, deputy] = [await create('rm'), await create('rm')];
    const names: string[] = [];
    for (const from of [1, 3, 5, 7, 9]) names.push((await away(person, deputy, { from, to: from + 1 })).name);
    await cancel(names[2]!);
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await list(person, undefined, { pageSize: 2, pageToken });
      seen.push(...page.absences.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen).toEqual(names.toReversed());
  });

  it('leave for good: no posts, no absences, no account, no number for anybody else, and nothing to change any more', async () => {
    const [person, deputy] = [await create('rm'), await create('rm')];
    const token = await signIn(person);
    const absence = await away(person, deputy, { from: 1, to: 2 });
    await expect(leave({ ...person, etag: '' })).rejects.toMatchObject({ reason: 'ETAG_REQUIRED' });
    await expect(leave({ ...person, etag: '99' })).rejects.toMatchObject({ reason: 'ETAG_MISMATCH' });
    const left = await leave(person);
    expect(left).toMatchObject({ state: StaffState.LEFT, posts: [], staffNumber: person.staffNumber });
    expect(left.leaveTime).toBeInstanceOf(Date);
    expect((await list(left)).absences).toMatchObject([{ name: absence.name, cancelTime: left.leaveTime }]);
    expect(await told(left)).toMatchObject({
      posts: [],
      state: StaffState.LEFT,
      employment: { absences: [], leaveTime: left.leaveTime },
    });
    await eventually(() =>
      expect(suite.call(staffRpc.getMe, {}, token)).rejects.toMatchObject({ kind: 'DENIED', reason: 'STAFF_SUSPENDED' }),
    );
    await eventually(async () => expect((await keycloakUser(suite.stack, person.staffNumber)).enabled).toBe(false));
    expect(await passwordGrant(suite.stack, person.staffNumber, firstPassword)).not.toHaveProperty('access_token');

    const { name, etag, staffNumber } = left;
    const again = {
      staffNumber,
      displayName: '李娜',
      email: `again${staffNumber}@bank.example`,
      posts: person.posts,
      requestId: '',
    };
    await expect(suite.call(staffRpc.createStaff, again)).rejects.toMatchObject({ reason: 'STAFF_NUMBER_TAKEN' });
    for (const attempt of [
      () => leave(left),
      () => suite.call(staffRpc.setPosts, { name, posts: person.posts, etag }),
      () => suite.call(staffRpc.setSkills, { name, skills: [], etag }),
      () => suite.call(staffRpc.updateStaff, { staffMember: StaffMember.fromPartial({ name, etag, displayName: '李娜' }) }),
      () => away(left, deputy, { from: 3, to: 4 }),
    ])
      await expect(attempt()).rejects.toMatchObject({ kind: 'REFUSED', reason: 'HAS_LEFT' });
    await expect(suite.call(staffRpc.reinstateStaff, { name, reason: 'X', etag })).rejects.toMatchObject({
      reason: 'NOT_SUSPENDED',
    });
    const [gone] = await history(left);
    expect(gone).toMatchObject({ operation: 'bankcrm.directory.v1.Staff/LeaveStaff', reason: 'RESIGNED' });
    expect(gone!.changes.map(({ field, newValue }) => [field, newValue])).toEqual([
      ['state', 'LEFT'],
      ['posts', ''],
      ['leave_time', left.leaveTime!.toISOString()],
    ]);
  });

  it('do not let themselves go, nor the last administrator, and a suspended person may leave', async () => {
    await expect(leave(suite.admin.member)).rejects.toMatchObject({ kind: 'DENIED', reason: 'OWN_STATE' });
    const suspended = await create('rm');
    await suite.call(staffRpc.suspendStaff, { name: suspended.name, reason: 'X', etag: '' });
    expect(await leave(await get(suspended))).toMatchObject({ state: StaffState.LEFT });
  });

  it('have a position, grade, date of joining, skills and certifications, told to every service', async () => {
    const person = await create('rm');
    const { name } = person;
    const update = (fields: Parameters<typeof StaffMember.fromPartial>[0], etag = person.etag) =>
      suite.call(staffRpc.updateStaff, { staffMember: StaffMember.fromPartial({ name, etag, ...fields }) });
    for (const [fields, field] of [
      [{ position: 'private banker' }, 'staff_member.position'],
      [{ grade: 'P'.repeat(33) }, 'staff_member.grade'],
      [{ joinDate: '2026-02-30' }, 'staff_member.join_date'],
      [{ displayName: '李娜', skills: ['x'] }, 'staff_member.skills'],
    ] satisfies [object, string][])
      await expect(update(fields)).rejects.toMatchObject({ kind: 'INVALID', fields: [{ field }] });
    const placed = await update({ position: 'private-banker', grade: 'P2', joinDate: '2024-03-01' });
    expect(placed).toMatchObject({ position: 'private-banker', grade: 'P2', joinDate: '2024-03-01', displayName: '张伟' });
    const skilled = await suite.call(staffRpc.setSkills, { name, skills: ['funds', 'english'], etag: placed.etag });
    expect(skilled.skills).toEqual(['english', 'funds']);
    for (const skills of [['a', 'a'], ['a b'], Array.from({ length: 51 }, (_, index) => `s${index}`)])
      await expect(suite.call(staffRpc.setSkills, { name, skills, etag: skilled.etag })).rejects.toMatchObject({
        kind: 'INVALID',
      });

    const certify = (kind: string, validUntil: string, requestId = '') => {
      const certification = { name: '', kind, validUntil, createTime: undefined };
      return suite.call(staffRpc.createCertification, { parent: name, certification, requestId });
    };
    const funds = await certify('fund-sales', '2027-03-31');
    const renewed = await certify('fund-sales', '2029-03-31');
    await expect(certify('fund-sales', '2029-03-31')).rejects.toMatchObject({ reason: 'CERTIFICATION_HELD' });
    await expect(certify('fund sales', '2029-02-29')).rejects.toMatchObject({
      fields: [{ field: 'certification.kind' }, { field: 'certification.valid_until' }],
    });
    expect((await suite.call(staffRpc.listCertifications, { parent: name })).certifications).toEqual([funds, renewed]);
    await suite.call(staffRpc.deleteCertification, { name: funds.name });
    await expect(suite.call(staffRpc.deleteCertification, { name: funds.name })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await eventually(async () =>
      expect((await told(person)).employment).toMatchObject({
        position: 'private-banker',
        grade: 'P2',
        joinDate: '2024-03-01',
        skills: ['english', 'funds'],
        certifications: [{ kind: 'fund-sales', validUntil: '2029-03-31' }],
      }),
    );
    expect((await history(person)).slice(0, 2).map(({ changes }) => changes)).toEqual([
      [
        { field: 'kind', oldValue: 'fund-sales', newValue: '' },
        { field: 'valid_until', oldValue: '2027-03-31', newValue: '' },
      ],
      [
        { field: 'kind', oldValue: '', newValue: 'fund-sales' },
        { field: 'valid_until', oldValue: '', newValue: '2029-03-31' },
      ],
    ]);
    const token = await signIn(person);
    await expect(suite.call(staffRpc.listCertifications, { parent: name }, token)).rejects.toMatchObject({
      reason: 'PERMISSION_MISSING',
    });
  });
});
