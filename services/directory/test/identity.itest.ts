import { type KeycloakAdmin, keycloakAdmin } from '@bankcrm/local';
import { type OrgUnit, StaffMember } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { eventually } from '@bankcrm/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import {
  firstPassword,
  keycloakUser,
  newStaffNumber,
  orgUnitsRpc,
  passwordGrant,
  type Suite,
  setPassword,
  staffRpc,
  startSuite,
} from './support/harness.ts';

describe('accounts in Keycloak', () => {
  let suite: Suite;
  let headOffice: OrgUnit;

  beforeAll(async () => {
    suite = await startSuite({ settings: { COMPARE_ACCOUNTS_EVERY_MS: '2000' } });
    const { orgUnits } = await suite.call(orgUnitsRpc.listOrgUnits, { pageSize: 0, pageToken: '' });
    headOffice = orgUnits[0]!;
  });
  afterAll(() => suite?.stop());

  const newcomer = (staffNumber: string, email = `s${staffNumber}@bank.example`) => ({
    staffNumber,
    displayName: '王强',
    email,
    posts: [{ orgUnit: headOffice.name, role: 'rm' }],
    requestId: '',
  });
  async function create() {
    const staffNumber = newStaffNumber();
    const { staffMember, temporaryPassword } = await suite.call(staffRpc.createStaff, newcomer(staffNumber));
    return { member: staffMember!, staffNumber, temporaryPassword };
  }
  const get = (name: string) => suite.call(staffRpc.getStaff, { name });
  const reconciled = (name: string) =>
    eventually(
      async () => {
        expect(await get(name)).toMatchObject({ reconciled: true, reconcileError: '' });
      },
      { timeoutMs: 40_000, everyMs: 100 },
    );

  it('become what is committed once Keycloak is back, whatever happened meanwhile', async () => {
    const before = await create();
    suite.keycloak.shut();
    try {
      const created = await create();
      expect(created.temporaryPassword).toBe('');
      expect(created.member).toMatchObject({ reconciled: false, reconcileError: 'IDENTITY_PROVIDER_UNREACHABLE' });
      await suite.call(staffRpc.suspendStaff, { name: before.member.name, reason: 'TEST', etag: '' });
      const renamed = await get(before.member.name);
      const email = `later${before.staffNumber}@bank.example`;
      await suite.call(staffRpc.updateStaff, { staffMember: { ...renamed, email } });
      await eventually(async () => {
        expect((await get(before.member.name)).reconcileError).toBe('IDENTITY_PROVIDER_UNREACHABLE');
      });
      expect(await keycloakUser(suite.stack, before.staffNumber)).toMatchObject({ enabled: true });

      suite.keycloak.open();
      await reconciled(created.member.name);
      await reconciled(before.member.name);
      expect(await keycloakUser(suite.stack, before.staffNumber)).toMatchObject({ enabled: false, email });
      expect(await keycloakUser(suite.stack, created.staffNumber)).toMatchObject({ enabled: true });
    } finally {
      suite.keycloak.open();
    }
  });

  it('are taken by Keycloak with every address that we take', async () => {
    const unusual = [
      (n: string) => `o'brien+${n}@bank.example`,
      (n: string) => `{${n}}|~!#$%&*/=?^_\`-@bank.example`,
      (n: string) => `${n.padEnd(64, 'x')}@bank.example`,
      (n: string) => `${n}@${'b'.repeat(63)}.example`,
      (n: string) => `${n}@xn--fiqs8s.example`,
      (n: string) => `${n}@${'b23456789.'.repeat(25)}`.slice(0, 253).concat('c'),
    ];
    for (const address of unusual) {
      const staffNumber = newStaffNumber();
      const { staffMember } = await suite.call(staffRpc.createStaff, newcomer(staffNumber, address(staffNumber)));
      expect(staffMember).toMatchObject({ email: address(staffNumber), reconciled: true, reconcileError: '' });
    }
  });

  it('that Keycloak refuses say for which field, are not tried again and again, and are made once it is changed', async () => {
    const [staffNumber, elsewhere] = [newStaffNumber(), newStaffNumber()];
    const email = `taken${elsewhere}@bank.example`;
    await keycloakUsers('', { method: 'POST', body: { username: elsewhere, email } });
    const { staffMember, temporaryPassword } = await suite.call(staffRpc.createStaff, newcomer(staffNumber, email));
    expect(temporaryPassword).toBe('');
    expect(staffMember).toMatchObject({ reconciled: false, reconcileError: 'IDENTITY_PROVIDER_REFUSED: email' });
    // As after ten attempts: 1 s doubled ten times is 17 minutes, where an outage would wait half a minute.
    const waitAfterMore = await withWorker(suite, async (worker) => {
      const staffId = staffMember!.name.slice('staff/'.length);
      const again = 'UPDATE directory.account SET attempts = 10, next_attempt_time = now() WHERE staff_id = $1';
      await worker.query(again, [staffId]);
      const read =
        'SELECT attempts, extract(epoch FROM next_attempt_time - now()) AS wait FROM directory.account WHERE staff_id = $1';
      return eventually(async () => {
        const { rows } = await worker.query<{ attempts: number; wait: string }>(read, [staffId]);
        expect(rows[0]!.attempts).toBe(11);
        return Number(rows[0]!.wait);
      });
    });
    expect(waitAfterMore).toBeGreaterThan(900);
    expect(waitAfterMore).toBeLessThan(1_100);
    const change = { name: staffMember!.name, etag: staffMember!.etag, email: `s${staffNumber}@bank.example` };
    await suite.call(staffRpc.updateStaff, { staffMember: StaffMember.fromPartial(change) });
    await reconciled(staffMember!.name);
    expect(await keycloakUser(suite.stack, staffNumber)).toMatchObject({ email: change.email });
  });

  it('become what is committed again when somebody alters or deletes them in Keycloak', async () => {
    const [suspended, altered, deleted] = [await create(), await create(), await create()];
    await suite.call(staffRpc.suspendStaff, { name: suspended.member.name, reason: 'TEST', etag: '' });
    await reconciled(suspended.member.name);
    await alter(suspended.staffNumber, { enabled: true });
    await alter(altered.staffNumber, { email: `elsewhere${altered.staffNumber}@bank.example`, emailVerified: false });
    const { id } = await keycloakUser(suite.stack, deleted.staffNumber);
    await keycloakUsers(`/${id}`, { method: 'DELETE' });
    await eventually(
      async () => {
        expect(await keycloakUser(suite.stack, suspended.staffNumber)).toMatchObject({ enabled: false });
        expect(await keycloakUser(suite.stack, altered.staffNumber)).toMatchObject({
          enabled: true,
          email: altered.member.email,
          emailVerified: true,
        });
        expect(await keycloakUser(suite.stack, deleted.staffNumber)).toMatchObject({
          enabled: true,
          email: deleted.member.email,
        });
      },
      { timeoutMs: 40_000, everyMs: 100 },
    );
    for (const { member } of [suspended, altered, deleted]) await reconciled(member.name);
  });

  it('stay locked after five wrong passwords, however often they are compared', async () => {
    const { staffNumber } = await create();
    await setPassword(suite.stack, staffNumber, firstPassword);
    for (let attempt = 0; attempt < 5; attempt += 1) await passwordGrant(suite.stack, staffNumber, 'wrong');
    const other = await create();
    // An alteration that is found after the lock was set: both were compared then.
    for (const emailVerified of [false, false]) {
      await alter(other.staffNumber, { emailVerified });
      await eventually(
        async () => expect(await keycloakUser(suite.stack, other.staffNumber)).toMatchObject({ emailVerified: true }),
        { timeoutMs: 40_000, everyMs: 100 },
      );
      await reconciled(other.member.name);
    }
    expect((await passwordGrant(suite.stack, staffNumber, firstPassword)).access_token).toBeUndefined();
  });

  it('cannot be unlocked, reset or listed by their lock while Keycloak is away, and the caller is told so', async () => {
    const { member } = await create();
    suite.keycloak.shut();
    try {
      const unavailable = { kind: 'UNAVAILABLE', reason: 'IDENTITY_PROVIDER_UNREACHABLE' };
      await expect(suite.call(staffRpc.unlockStaff, { name: member.name })).rejects.toMatchObject(unavailable);
      await expect(suite.call(staffRpc.sendPasswordReset, { name: member.name })).rejects.toMatchObject(unavailable);
      const list = { pageSize: 0, pageToken: '', filter: 'locked = true' };
      await expect(suite.call(staffRpc.listStaff, list)).rejects.toMatchObject(unavailable);
    } finally {
      suite.keycloak.open();
    }
  });

  it('lose their sessions on suspension and sign in again after a reinstatement', async () => {
    const { member, staffNumber } = await create();
    await setPassword(suite.stack, staffNumber, firstPassword);
    const { refresh_token: refreshToken } = await passwordGrant(suite.stack, staffNumber, firstPassword);
    await suite.call(staffRpc.suspendStaff, { name: member.name, reason: 'TEST', etag: member.etag });
    await reconciled(member.name);
    expect(await passwordGrant(suite.stack, staffNumber, firstPassword)).toMatchObject({ error: 'invalid_grant' });
    await suite.call(staffRpc.reinstateStaff, { name: member.name, reason: 'TEST', etag: '' });
    await reconciled(member.name);
    expect(await refresh(refreshToken!)).toMatchObject({ error: 'invalid_grant' });
    expect((await passwordGrant(suite.stack, staffNumber, firstPassword)).access_token).toBeTruthy();
  });

  it('are locked by five wrong passwords and unlocked by an administrator at once', async () => {
    const { member, staffNumber } = await create();
    await setPassword(suite.stack, staffNumber, firstPassword);
    for (let attempt = 0; attempt < 5; attempt += 1) await passwordGrant(suite.stack, staffNumber, 'wrong');
    await eventually(async () => {
      expect((await passwordGrant(suite.stack, staffNumber, firstPassword)).access_token).toBeUndefined();
    });
    const locked = async (value: boolean) => {
      const filter = `locked = ${value} AND staff_number = "${staffNumber}"`;
      return (await suite.call(staffRpc.listStaff, { pageSize: 0, pageToken: '', filter })).staff.map(({ name }) => name);
    };
    expect([await locked(true), await locked(false)]).toEqual([[member.name], []]);
    await suite.call(staffRpc.unlockStaff, { name: member.name });
    expect([await locked(true), await locked(false)]).toEqual([[], [member.name]]);
    expect((await passwordGrant(suite.stack, staffNumber, firstPassword)).access_token).toBeTruthy();
  });

  it('get a new password through the link in the mail', async () => {
    const { member, staffNumber } = await create();
    await suite.call(staffRpc.sendPasswordReset, { name: member.name });
    const link = await linkMailedTo(member.email!);
    const chosen = 'Quite-Another-9-Word';
    await new Browser().chooseByLink(link, chosen);
    expect((await passwordGrant(suite.stack, staffNumber, chosen)).access_token).toBeTruthy();
  });

  it('take the temporary password once, and only to choose another', async () => {
    const { staffNumber, temporaryPassword } = await create();
    const chosen = 'Chosen-At-First-1';
    const portal = { issuer: suite.stack.keycloak.issuer, redirectUri: `${suite.stack.gateway.url}/` };
    expect(await new Browser().signIn(portal, staffNumber, temporaryPassword)).toBe('must choose a password');
    const first = new Browser();
    await first.signIn(portal, staffNumber, temporaryPassword);
    expect(await first.choose(chosen)).toBe('signed in');
    expect(await new Browser().signIn(portal, staffNumber, temporaryPassword)).toBe('refused');
    expect(await new Browser().signIn(portal, staffNumber, chosen)).toBe('signed in');
  });

  it('made without a password get one by "forgot password", as the first administrator does', async () => {
    suite.keycloak.shut();
    const { member, staffNumber } = await create().finally(() => suite.keycloak.open());
    await reconciled(member.name);
    const portal = { issuer: suite.stack.keycloak.issuer, redirectUri: `${suite.stack.gateway.url}/` };
    const browser = new Browser();
    expect(await browser.signIn(portal, staffNumber, 'a guess')).toBe('refused');
    await browser.forgot(staffNumber);
    const chosen = 'From-The-Mail-11';
    await browser.chooseByLink(await linkMailedTo(member.email!), chosen);
    expect((await passwordGrant(suite.stack, staffNumber, chosen)).access_token).toBeTruthy();
  });

  /** As somebody does in Keycloak's console. */
  async function alter(staffNumber: string, values: object): Promise<void> {
    const { id } = await keycloakUser(suite.stack, staffNumber);
    await keycloakUsers(`/${id}`, { method: 'PUT', body: values });
  }

  async function keycloakUsers(path: string, request: Parameters<KeycloakAdmin>[1]): Promise<void> {
    const keycloak = await keycloakAdmin(suite.stack);
    await keycloak(`/${suite.stack.keycloak.realm}/users${path}`, request);
  }

  async function linkMailedTo(email: string): Promise<string> {
    return eventually(async () => {
      const reply = await fetch(`${suite.stack.mail.url}/messages?to=${encodeURIComponent(email)}`);
      const { messages } = (await reply.json()) as { messages: { text: string }[] };
      const found = /https?:\/\/\S+action-token\S+/.exec(messages[0]?.text ?? '')?.[0];
      if (!found) throw new Error('no mail with a link yet');
      return found;
    });
  }

  async function refresh(refreshToken: string): Promise<{ error?: string }> {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: suite.stack.keycloak.localClientId,
      refresh_token: refreshToken,
    });
    return (await (await fetch(suite.stack.keycloak.tokenUrl, { method: 'POST', body })).json()) as { error?: string };
  }
});

async function withWorker<T>({ urls }: Suite, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: urls.worker });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
