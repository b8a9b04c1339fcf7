import {
  type HistoryEntry,
  type OrgUnit,
  OrgUnitKind,
  StaffMember,
  StaffState,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  newStaffNumber,
  orgUnitsRpc,
  passwordGrant,
  type Suite,
  serviceAccountToken,
  staffRpc,
  startSuite,
} from './support/harness.ts';

describe('staff', () => {
  let suite: Suite;
  let headOffice: OrgUnit;
  const rm = () => [{ orgUnit: headOffice.name, role: 'rm' }];
  const admins = () => [{ orgUnit: headOffice.name, role: 'admin' }];

  beforeAll(async () => {
    suite = await startSuite();
    const { orgUnits } = await suite.call(orgUnitsRpc.listOrgUnits, { pageSize: 0, pageToken: '' });
    headOffice = orgUnits[0]!;
  });
  afterAll(() => suite?.stop());

  const request = (over: { posts?: StaffMember['posts']; requestId?: string; email?: string; staffNumber?: string } = {}) => {
    const staffNumber = over.staffNumber ?? newStaffNumber();
    return { staffNumber, displayName: '张伟', email: `s${staffNumber}@bank.example`, posts: rm(), requestId: '', ...over };
  };
  const create = (over: Parameters<typeof request>[0] = {}) => suite.call(staffRpc.createStaff, request(over));
  const get = (name: string) => suite.call(staffRpc.getStaff, { name });
  const suspend = (name: string, token?: string) =>
    suite.call(staffRpc.suspendStaff, { name, reason: 'LEFT_BADGE', etag: '' }, token);

  it('get a temporary password that must be changed, and is stored nowhere', async () => {
    const { staffMember, temporaryPassword } = await create();
    expect(temporaryPassword).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d).{16}$/);
    expect(staffMember).toMatchObject({ reconciled: true, reconcileError: '', state: StaffState.ACTIVE });
    // The right password of an account whose password must be changed first: Keycloak gives no token for it.
    const { staffNumber } = staffMember!;
    const right = await passwordGrant(suite.stack, staffNumber, temporaryPassword);
    expect(right).toMatchObject({ error: 'invalid_grant', error_description: 'Account is not fully set up' });
    const wrong = await passwordGrant(suite.stack, staffNumber, `${temporaryPassword}x`);
    expect(wrong).toMatchObject({ error_description: 'Invalid user credentials' });
    expect(await everythingStored(suite.urls.owner, suite.stack.postgres.superuserUrl)).not.toContain(temporaryPassword);
  });

  it('are created once per request id, and a repeated request shows no password', async () => {
    const body = request({ requestId: 'create-1' });
    const replies = await Promise.all(Array.from({ length: 4 }, () => suite.call(staffRpc.createStaff, body)));
    replies.push(await suite.call(staffRpc.createStaff, body));
    expect(new Set(replies.map(({ staffMember }) => staffMember!.name)).size).toBe(1);
    expect(replies.filter(({ temporaryPassword }) => temporaryPassword !== '')).toHaveLength(1);
    await expect(suite.call(staffRpc.createStaff, { ...body, displayName: '李娜' })).rejects.toMatchObject({
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it('have numbers and addresses of their own, one or two posts, and only roles and units that exist', async () => {
    const { staffMember } = await create();
    await expect(create({ staffNumber: staffMember!.staffNumber, email: 'other@bank.example' })).rejects.toMatchObject({
      reason: 'STAFF_NUMBER_TAKEN',
    });
    await expect(create({ email: staffMember!.email!.toUpperCase() })).rejects.toMatchObject({ reason: 'EMAIL_TAKEN' });
    await expect(create({ posts: [] })).rejects.toMatchObject({ kind: 'INVALID' });
    await expect(create({ posts: [...rm(), ...admins(), { orgUnit: headOffice.name, role: 'teller' }] })).rejects.toMatchObject({
      kind: 'INVALID',
    });
    await expect(create({ posts: [{ orgUnit: headOffice.name, role: 'king' }] })).rejects.toMatchObject({
      reason: 'UNKNOWN_ROLE',
    });
    const system = [{ orgUnit: headOffice.name, role: 'core-banking' }];
    await expect(create({ posts: system })).rejects.toMatchObject({ reason: 'UNKNOWN_ROLE' });
    const { name, etag } = staffMember!;
    await expect(suite.call(staffRpc.setPosts, { name, posts: system, etag })).rejects.toMatchObject({
      reason: 'UNKNOWN_ROLE',
      fields: [{ field: 'posts[0].role' }],
    });
    const nowhere = 'orgUnits/0190a3f0-0000-7000-8000-000000000001';
    await expect(create({ posts: [{ orgUnit: nowhere, role: 'rm' }] })).rejects.toMatchObject({ reason: 'UNKNOWN_ORG_UNIT' });
    await expect(create({ email: 'none' })).rejects.toMatchObject({ fields: [{ field: 'email' }] });
    const two = await create({ posts: [...rm(), { orgUnit: headOffice.name, role: 'teller' }] });
    expect(two.staffMember!.posts).toHaveLength(2);
  });

  it('do not change their own posts and do not suspend themselves', async () => {
    const { name, etag } = suite.admin.member;
    await expect(suspend(name)).rejects.toMatchObject({ kind: 'DENIED', reason: 'OWN_STATE' });
    await expect(suite.call(staffRpc.setPosts, { name, posts: rm(), etag })).rejects.toMatchObject({ reason: 'OWN_POSTS' });
  });

  it('are found by number, state, role and org unit, and by nothing else', async () => {
    const { staffMember } = await create({ posts: [{ orgUnit: headOffice.name, role: 'marketer' }] });
    const list = async (filter: string) =>
      (await suite.call(staffRpc.listStaff, { pageSize: 0, pageToken: '', filter })).staff.map(({ name }) => name);
    expect(await list(`staff_number = "${staffMember!.staffNumber}"`)).toEqual([staffMember!.name]);
    expect(await list(`role = "marketer" AND state = "ACTIVE" AND org_unit = "${headOffice.name}"`)).toEqual([staffMember!.name]);
    expect(await list(`staff_number = "${staffMember!.staffNumber}" AND state = "SUSPENDED"`)).toEqual([]);
    await expect(list('email = "x"')).rejects.toMatchObject({ reason: 'INVALID_FILTER' });
  });

  it('keep what an update leaves out, whatever it changes, and what it cannot change', async () => {
    const { staffMember } = await create();
    const { name, staffNumber, displayName, posts } = staffMember!;
    const update = (fields: Parameters<typeof StaffMember.fromPartial>[0]) =>
      suite.call(staffRpc.updateStaff, { staffMember: StaffMember.fromPartial({ name, ...fields }) });
    const email = `only${staffNumber}@bank.example`;
    const moved = await update({ etag: staffMember!.etag, email });
    expect(moved).toMatchObject({ email, displayName, staffNumber, posts });
    const renamed = await update({ etag: moved.etag, displayName: '李娜' });
    expect(renamed).toMatchObject({ email, displayName: '李娜', posts });
    for (const [fields, field] of [
      [{ displayName: '' }, 'staff_member.display_name'],
      [{ email: '' }, 'staff_member.email'],
      [{}, 'staff_member'],
      [{ displayName: '王强', staffNumber: newStaffNumber() }, 'staff_member.staff_number'],
      [{ displayName: '王强', state: StaffState.SUSPENDED }, 'staff_member.state'],
      [{ displayName: '王强', posts: admins() }, 'staff_member.posts'],
    ] as const)
      await expect(update({ etag: renamed.etag, ...fields })).rejects.toMatchObject({ kind: 'INVALID', fields: [{ field }] });
    expect(await get(name)).toMatchObject({ etag: renamed.etag, displayName: '李娜', email, posts, state: StaffState.ACTIVE });
  });

  it('change name and e-mail only from the version that was seen', async () => {
    const { staffMember } = await create();
    const email = `new${staffMember!.staffNumber}@bank.example`;
    const changed = await suite.call(staffRpc.updateStaff, { staffMember: { ...staffMember!, email } });
    expect(changed).toMatchObject({ email, staffNumber: staffMember!.staffNumber });
    await expect(suite.call(staffRpc.updateStaff, { staffMember: staffMember })).rejects.toMatchObject({
      reason: 'ETAG_MISMATCH',
    });
  });

  it('see their own roles and permissions, and a system is let in only where the table says so', async () => {
    const me = await suite.call(staffRpc.getMe, {});
    expect(me.roles).toEqual(['admin']);
    expect(me.permissions).toContain('directory.staff.suspend');
    expect(me.permissions).not.toContain('customer.financials.get');
    const { staffMember } = await create({ posts: [...rm(), ...admins()] });
    const both = await suite.call(staffRpc.getMe, {}, await suite.signIn(staffMember!.staffNumber));
    expect(both.permissions).toEqual(expect.arrayContaining(['customer.financials.get', 'directory.staff.suspend']));
    const token = await serviceAccountToken(suite.stack, 'customer');
    await expect(suite.call(staffRpc.getMe, {}, token)).rejects.toMatchObject({ kind: 'DENIED' });
    await expect(suite.call(staffRpc.listStaff, { pageSize: 0, pageToken: '', filter: '' }, token)).rejects.toMatchObject({
      reason: 'PERMISSION_MISSING',
    });
    await expect(get('staff/0190a3f0-0000-7000-8000-000000000001')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  it('have a history of every change, with who made it and the posts held before, for administrators and compliance alone', async () => {
    const { staffMember } = await create();
    const { name, staffNumber } = staffMember!;
    const branch = await suite.call(orgUnitsRpc.createOrgUnit, {
      orgUnit: { ...headOffice, code: 'HISTORY', kind: OrgUnitKind.BRANCH, parent: headOffice.name },
      requestId: '',
    });
    const posts = [
      { orgUnit: branch.name, role: 'senior-rm' },
      { orgUnit: branch.name, role: 'branch-manager' },
    ];
    await suite.call(staffRpc.setPosts, { name, posts, etag: staffMember!.etag });
    await suspend(name);
    await suite.call(staffRpc.unlockStaff, { name });

    const [unlocked, suspended, promoted, created] = await history(name);
    expect(unlocked).toMatchObject({ operation: 'bankcrm.directory.v1.Staff/UnlockStaff', changes: [] });
    expect(suspended).toMatchObject({
      operation: 'bankcrm.directory.v1.Staff/SuspendStaff',
      actor: suite.admin.member.name,
      reason: 'LEFT_BADGE',
      changes: [{ field: 'state', oldValue: 'ACTIVE', newValue: 'SUSPENDED' }],
    });
    expect(promoted).toMatchObject({
      operation: 'bankcrm.directory.v1.Staff/SetPosts',
      changes: [
        {
          field: 'posts',
          oldValue: `rm ${headOffice.name}`,
          newValue: `senior-rm ${branch.name}, branch-manager ${branch.name}`,
        },
      ],
    });
    expect(created!.changes).toContainEqual({ field: 'staff_number', oldValue: '', newValue: staffNumber });
    expect(created!.changes).toContainEqual({ field: 'posts', oldValue: '', newValue: `rm ${headOffice.name}` });

    const compliance = await signedIn('compliance');
    expect(await history(name, compliance)).toHaveLength(4);
    const manager = await signedIn('hq-manager');
    await expect(history(name, manager)).rejects.toMatchObject({ reason: 'PERMISSION_MISSING' });
    await expect(history('staff/0190a3f0-0000-7000-8000-000000000001')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  it('always include an active administrator, also when two suspend one another at once', async () => {
    const second = await signedInAdmin();
    const outcomes = await Promise.allSettled([suspend(second.member.name), suspend(suite.admin.member.name, second.token)]);
    const [refusal] = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    // Whoever was second is suspended by then: refused at the door or, when let in a moment before, under the lock.
    expect(refusal!.reason).toMatchObject({ reason: 'STAFF_SUSPENDED' });
    if (outcomes[1]!.status === 'fulfilled')
      await suite.call(staffRpc.reinstateStaff, { name: suite.admin.member.name, reason: 'TEST', etag: '' }, second.token);
  });

  /** The history page by page, two entries each. */
  async function history(parent: string, token?: string) {
    const entries: HistoryEntry[] = [];
    let pageToken = '';
    do {
      const page = await suite.call(staffRpc.listStaffHistory, { parent, pageSize: 2, pageToken }, token);
      entries.push(...page.entries);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return entries;
  }

  async function signedIn(role: string): Promise<string> {
    const { staffMember } = await create({ posts: [{ orgUnit: headOffice.name, role }] });
    return suite.signIn(staffMember!.staffNumber);
  }

  async function signedInAdmin() {
    const { staffMember } = await create({ posts: admins() });
    const token = await suite.signIn(staffMember!.staffNumber);
    return { member: staffMember!, token };
  }
});

/** Every value of every table of the service's database, as text. */
async function everythingStored(ownerUrl: string, superuserUrl: string): Promise<string> {
  const url = new URL(superuserUrl);
  url.pathname = new URL(ownerUrl).pathname;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    let text = '';
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      text += rows.map(({ row }) => row).join('\n');
    }
    return text;
  } finally {
    await client.end();
  }
}
