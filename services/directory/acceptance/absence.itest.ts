import { asksForNewPassword, Browser, openSignIn } from '@bankcrm/acceptance/browser.ts';
import { as, Person, problem } from '@bankcrm/acceptance/client.ts';
import { tryPassword } from '@bankcrm/acceptance/keycloak.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { act, createStaff, orgUnits, staffByNumber } from '@bankcrm/acceptance/staff-api.ts';
import { beforeAll, describe, expect, it, vi } from 'vitest';

const chosen = 'Correct-horse-7-battery';
const hourMs = 3_600_000;
const inHours = (hours: number): string => new Date(Date.now() + hours * hourMs).toISOString();

let admin: Person;
beforeAll(async () => {
  admin = await as(people.admin);
});

let next = 710_001;
/** A new relationship manager who has signed in at the page and chosen a password. */
async function newcomer(): Promise<{ staffNumber: string; name: string; person: Person }> {
  const branch = (await orgUnits(admin)).get('SH-XH')!.name;
  const staffNumber = String(next++);
  const posts = [{ orgUnit: branch, role: 'rm' }];
  const created = await createStaff(admin, { staffNumber, displayName: '新员工', email: `s${staffNumber}@bank.example`, posts });
  const browser = new Browser();
  const { page, finish } = await openSignIn(browser);
  let last = await browser.submit(page, { username: staffNumber, password: created.temporaryPassword });
  if (asksForNewPassword(last)) last = await browser.submit(last, { 'password-new': chosen, 'password-confirm': chosen });
  return { staffNumber, name: created.staffMember!.name, person: new Person(await finish(last)) };
}

describe('an absence', () => {
  it('is entered by the person with a colleague as deputy, seen by the manager, and ended early', async () => {
    const [{ person, name }, colleague] = [await newcomer(), await staffByNumber(admin, people.shanghaiRm)];
    const absence = { startTime: inHours(24), endTime: inHours(48), deputy: colleague.name };
    const key = { 'idempotency-key': `absence-of-${name}` };
    const replies = [1, 2].map(() => person.post(`/v1/${name}/absences`, absence, key));
    const [first, second] = await Promise.all(replies);
    expect(first!.status, first!.text).toBe(200);
    expect(second!.text).toBe(first!.text);
    const manager = await as(people.shanghaiManager);
    const listed = JSON.parse((await manager.get(`/v1/${name}/absences`)).text);
    expect(listed.absences).toMatchObject([absence]);

    const overlapping = await person.post(`/v1/${name}/absences`, { ...absence, startTime: inHours(47), endTime: inHours(50) });
    expect(problem(overlapping)).toMatchObject({ status: 409, reason: 'ABSENCE_OVERLAPS' });
    const teller = await staffByNumber(admin, people.shanghaiTeller);
    const lesser = await person.post(`/v1/${name}/absences`, {
      startTime: inHours(72),
      endTime: inHours(73),
      deputy: teller.name,
    });
    expect(problem(lesser)).toMatchObject({ status: 409, reason: 'DEPUTY_LACKS_ROLE' });
    const stranger = await (await as(people.rm)).get(`/v1/${name}/absences`);
    expect(problem(stranger)).toMatchObject({ status: 403, reason: 'PERMISSION_MISSING' });

    const cancelled = await manager.post(`/v1/${listed.absences[0].name}:cancel`, {});
    expect(cancelled.status, cancelled.text).toBe(200);
    expect(problem(await person.post(`/v1/${listed.absences[0].name}:cancel`, {}))).toMatchObject({
      status: 409,
      reason: 'ABSENCE_OVER',
    });
  });
});

describe('leaving', () => {
  it('ends posts, absences and sign-in for good, and the token that was still valid', async () => {
    const { person, name, staffNumber } = await newcomer();
    const { name: deputy } = await staffByNumber(admin, people.shanghaiRm);
    const absence = await person.post(`/v1/${name}/absences`, { startTime: inHours(24), endTime: inHours(48), deputy });
    expect(absence.status, absence.text).toBe(200);
    expect((await tryPassword(staffNumber, chosen)).status).toBe(200);

    const manager = await as(people.shanghaiManager);
    const { etag } = await staffByNumber(admin, staffNumber);
    const headers = { 'if-match': `"${etag}"` };
    expect(problem(await manager.post(`/v1/${name}:leave`, { reason: 'resigned' }, headers))).toMatchObject({ status: 403 });
    expect(problem(await admin.post(`/v1/${name}:leave`, { reason: 'resigned' })).status).toBe(428);
    const left = await act(admin, staffNumber, 'leave', { reason: 'resigned' });
    expect(left).toMatchObject({ state: 3, posts: [] });

    await vi.waitFor(
      async () => {
        for (const path of ['/v1/me', '/v1/customers'])
          expect(problem(await person.get(path))).toMatchObject({ status: 403, reason: 'STAFF_SUSPENDED' });
      },
      { timeout: 5_000 },
    );
    await vi.waitFor(async () => expect((await tryPassword(staffNumber, chosen)).body.access_token).toBeUndefined(), {
      timeout: 10_000,
    });
    const listed = JSON.parse((await admin.get(`/v1/${name}/absences`)).text);
    expect(listed.absences[0].cancelTime).toBe(left.leaveTime!.toISOString());
    const again = await admin.post(`/v1/${name}:reinstate`, { reason: 'x' });
    expect(problem(again)).toMatchObject({ status: 409, reason: 'NOT_SUSPENDED' });
    const taken = await admin.post('/v1/staff', {
      staffNumber,
      displayName: '又一个',
      email: `again${staffNumber}@bank.example`,
      posts: [{ orgUnit: (await orgUnits(admin)).get('SH-XH')!.name, role: 'rm' }],
    });
    expect(problem(taken)).toMatchObject({ status: 409, reason: 'STAFF_NUMBER_TAKEN' });
  });
});

describe('the calendar of the bank', () => {
  it('knows the days off and make-up days of the State Council, for everybody', async () => {
    const calendar = JSON.parse((await (await as(people.teller)).get('/v1/calendars/cn')).text);
    expect(calendar).toMatchObject({ timeZone: 'Asia/Shanghai', years: [{ year: 2025 }, { year: 2026 }] });
    const days = new Map(
      calendar.years.flatMap(({ days: of }: { days: { date: string }[] }) => of.map((day) => [day.date, day])),
    );
    expect(days.get('2026-02-17')).toMatchObject({ name: '春节', isOffDay: true });
    // In JSON a false is left out.
    expect(days.get('2026-02-14')).toEqual({ name: '春节', date: '2026-02-14', worksAs: 'WEEKDAY_MONDAY' });
    expect(days.get('2025-10-06')).toMatchObject({ isOffDay: true });
  });
});
