import { asksForNewPassword, Browser, openSignIn } from '@bankcrm/acceptance/browser.ts';
import { as, Person } from '@bankcrm/acceptance/client.ts';
import { mailsTo, tryPassword } from '@bankcrm/acceptance/keycloak.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { act, createStaff, type NewStaff, orgUnits } from '@bankcrm/acceptance/staff-api.ts';
import { beforeAll, describe, expect, it, vi } from 'vitest';

const wrong = 'Wrong-horse-7-battery';
const chosen = 'Correct-horse-7-battery';
let admin: Person;
let branch: string;

beforeAll(async () => {
  admin = await as(people.admin);
  branch = (await orgUnits(admin)).get('SH-XH')!.name;
});

let next = 700_001;
async function newcomer(): Promise<NewStaff & { temporaryPassword: string }> {
  const staffNumber = String(next++);
  const staff = {
    staffNumber,
    displayName: '新员工',
    email: `s${staffNumber}@bank.example`,
    posts: [{ orgUnit: branch, role: 'rm' }],
  };
  return { ...staff, temporaryPassword: (await createStaff(admin, staff)).temporaryPassword };
}

/** Signs in at the page and chooses a password where one is asked for. */
async function signInAtPage(staffNumber: string, password: string): Promise<{ token: string; hadToChange: boolean }> {
  const browser = new Browser();
  const { page, finish } = await openSignIn(browser);
  let last = await browser.submit(page, { username: staffNumber, password });
  const hadToChange = asksForNewPassword(last);
  if (hadToChange) last = await browser.submit(last, { 'password-new': chosen, 'password-confirm': chosen });
  return { token: await finish(last), hadToChange };
}

describe('a new member of staff', () => {
  it('signs in once with the temporary password, must choose another one, and works with that from then on', async () => {
    const { staffNumber, temporaryPassword } = await newcomer();
    expect(temporaryPassword.length).toBeGreaterThanOrEqual(12);
    expect((await tryPassword(staffNumber, temporaryPassword)).body.access_token, 'before it is changed').toBeUndefined();

    const first = await signInAtPage(staffNumber, temporaryPassword);
    expect(first.hadToChange).toBe(true);
    expect((await new Person(first.token).get('/v1/me')).status).toBe(200);

    expect((await tryPassword(staffNumber, temporaryPassword)).body.access_token, 'the second time').toBeUndefined();
    const again = await signInAtPage(staffNumber, chosen);
    expect(again.hadToChange).toBe(false);
    const me = JSON.parse((await new Person(again.token).get('/v1/me')).text) as {
      staffMember: { staffNumber: string };
      roles: string[];
    };
    expect(me).toMatchObject({ staffMember: { staffNumber }, roles: ['rm'] });
  });

  it('is shown the temporary password by nobody a second time', async () => {
    const staffNumber = String(next++);
    const staff = {
      staffNumber,
      displayName: '新员工',
      email: `s${staffNumber}@bank.example`,
      posts: [{ orgUnit: branch, role: 'rm' }],
    };
    const key = { 'idempotency-key': `create-${staffNumber}` };
    const first = await createStaff(admin, staff, key);
    const second = await createStaff(admin, staff, key);
    expect(first.temporaryPassword).not.toBe('');
    expect(second).toMatchObject({ temporaryPassword: '', staffMember: { name: first.staffMember?.name } });
  });
});

describe('a forgotten password', () => {
  it('is replaced by following the link of the mail that an administrator sends', async () => {
    const { staffNumber, email } = await newcomer();
    await act(admin, staffNumber, 'sendPasswordReset');
    const mail = await vi.waitFor(
      async () => {
        const [newest] = await mailsTo(email);
        if (!newest) throw new Error(`no mail has reached ${email}`);
        return newest;
      },
      { timeout: 10_000 },
    );
    const link = /https?:\/\/\S+action-token\S+/.exec(mail.text)?.[0];
    const browser = new Browser();
    let page = await browser.open(link!);
    if (!asksForNewPassword(page)) page = await browser.follow(page, 'action-token');
    expect(asksForNewPassword(page)).toBe(true);
    await browser.submit(page, { 'password-new': chosen, 'password-confirm': chosen });
    await vi.waitFor(async () => expect((await tryPassword(staffNumber, chosen)).status).toBe(200), { timeout: 5_000 });
  });
});

describe('wrong passwords', () => {
  const usable = async () => {
    const { staffNumber, temporaryPassword } = await newcomer();
    await signInAtPage(staffNumber, temporaryPassword);
    return staffNumber;
  };

  it('lock at exactly the fifth; the right one is then refused alike, and works at once after an administrator unlocks', async () => {
    const staffNumber = await usable();
    for (let i = 0; i < 4; i += 1) expect((await tryPassword(staffNumber, wrong)).status).toBe(400);
    expect((await tryPassword(staffNumber, chosen)).status, 'after four').toBe(200);

    for (let i = 0; i < 4; i += 1) await tryPassword(staffNumber, wrong);
    const fifth = await tryPassword(staffNumber, wrong);
    expect(await tryPassword(staffNumber, chosen)).toEqual(fifth);

    await act(admin, staffNumber, 'unlock');
    expect((await tryPassword(staffNumber, chosen)).status, 'unlocked').toBe(200);
  });

  it('lock also when they are sent at once', async () => {
    const staffNumber = await usable();
    const replies = await Promise.all(Array.from({ length: 5 }, () => tryPassword(staffNumber, wrong)));
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect((await tryPassword(staffNumber, chosen)).status).toBe(400);
    await act(admin, staffNumber, 'unlock');
    expect((await tryPassword(staffNumber, chosen)).status).toBe(200);
  });

  it('do not lock when four are sent at once', async () => {
    const staffNumber = await usable();
    await Promise.all(Array.from({ length: 4 }, () => tryPassword(staffNumber, wrong)));
    expect((await tryPassword(staffNumber, chosen)).status).toBe(200);
  });
});
