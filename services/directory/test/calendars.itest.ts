import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serviceEnv } from '@bankcrm/local';
import {
  type CalendarDay,
  CalendarsService,
  type DayHours,
  ImportCalendarYearRequest,
  Weekday,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/calendars.ts';
import { CalendarChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newStaffNumber, orgUnitsRpc, type Suite, staffRpc, startSuite } from './support/harness.ts';
import { readTopic } from './support/read-topic.ts';

const week: DayHours[] = [
  {
    weekday: Weekday.MONDAY,
    periods: [
      { from: '09:00', to: '12:00' },
      { from: '13:30', to: '17:30' },
    ],
  },
  { weekday: Weekday.SATURDAY, periods: [{ from: '09:00', to: '12:00' }] },
];
const newYear: CalendarDay = { name: '元旦', date: '2026-01-01', isOffDay: true, worksAs: Weekday.UNSPECIFIED };
const makeUp: CalendarDay = { name: '元旦', date: '2026-01-04', isOffDay: false, worksAs: Weekday.SATURDAY };

describe('business calendars', () => {
  let suite: Suite;
  let topic: ReturnType<typeof readTopic<CalendarChanged>>;

  beforeAll(async () => {
    suite = await startSuite();
    topic = readTopic(suite, 'bankcrm.directory.v1.calendars', (value) => CalendarChanged.decode(value));
  });
  afterAll(async () => {
    await topic?.stop();
    await suite?.stop();
  });

  const importYear = (fields: Parameters<typeof ImportCalendarYearRequest.fromPartial>[0], token?: string) =>
    suite.call(CalendarsService.importCalendarYear, ImportCalendarYearRequest.fromPartial({ year: 2026, ...fields }), token);
  const create = (id: string, days: CalendarDay[] = [newYear, makeUp]) =>
    importYear({ name: `calendars/${id}`, displayName: '工作日历', timeZone: 'Asia/Shanghai', week, days });
  const get = (id: string, token?: string) => suite.call(CalendarsService.getCalendar, { name: `calendars/${id}` }, token);
  const newest = (id: string) => topic.seen.findLast(({ key }) => key === id)?.event;

  it('are made by their first year, seen by everybody, and told to every service', async () => {
    const made = await create('cn');
    expect(made).toMatchObject({
      name: 'calendars/cn',
      displayName: '工作日历',
      timeZone: 'Asia/Shanghai',
      week,
      years: [{ year: 2026, days: [newYear, makeUp] }],
    });
    const { orgUnits } = await suite.call(orgUnitsRpc.listOrgUnits, { pageSize: 0, pageToken: '' });
    const staffNumber = newStaffNumber();
    await suite.call(staffRpc.createStaff, {
      staffNumber,
      displayName: '张伟',
      email: `s${staffNumber}@bank.example`,
      posts: [{ orgUnit: orgUnits[0]!.name, role: 'teller' }],
      requestId: '',
    });
    const token = await suite.signIn(staffNumber);
    expect(await get('cn', token)).toEqual(made);
    const { calendars } = await suite.call(CalendarsService.listCalendars, { pageSize: 0, pageToken: '' }, token);
    expect(calendars).toContainEqual(made);
    await expect(importYear({ name: 'calendars/cn', days: [] }, token)).rejects.toMatchObject({ reason: 'PERMISSION_MISSING' });
    const { years, timeZone, displayName } = made;
    await eventually(() =>
      expect(newest('cn')).toMatchObject({ calendarId: 'cn', displayName, timeZone, week: made.week, years }),
    );
  });

  it('have a year replaced as a whole, once per request id, and keep the others and the week', async () => {
    const first = await create('replaced');
    const before = { ...newYear, date: '2025-01-01' };
    const both = await importYear({ name: first.name, year: 2025, days: [before] });
    expect(both.years).toEqual([{ year: 2025, days: [before] }, ...first.years]);
    const other = { ...newYear, date: '2026-10-01', name: '国庆节' };
    const request = { name: first.name, days: [other], requestId: 'year-1' };
    const replies = await Promise.all([importYear(request), importYear(request)]);
    expect(replies[0]).toEqual(replies[1]);
    expect(replies[0]).toMatchObject({ week, timeZone: 'Asia/Shanghai', years: [{ year: 2025 }, { year: 2026, days: [other] }] });
    expect(replies[0]!.etag).toBe('3');
    await eventually(() => expect(newest('replaced')?.years).toEqual(replies[0]!.years));
    const sequences = topic.seen.filter(({ key }) => key === 'replaced').map(({ event }) => event.sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => Number(a - b)));

    const { entries } = await suite.call(CalendarsService.listCalendarHistory, {
      parent: first.name,
      pageSize: 0,
      pageToken: '',
    });
    expect(entries.map(({ actor }) => actor)).toEqual(Array(3).fill(suite.admin.member.name));
    expect(entries[0]!.changes).toEqual([
      {
        field: 'years',
        oldValue: '2026: 2026-01-01 元旦, 2026-01-04 元旦 SATURDAY',
        newValue: '2026: 2026-10-01 国庆节',
      },
    ]);
    expect(entries[2]!.changes).toContainEqual({
      field: 'week',
      oldValue: '',
      newValue: 'MONDAY 09:00–12:00 13:30–17:30, SATURDAY 09:00–12:00',
    });
  });

  it('take nothing that is wrong, and say what to change', async () => {
    const hours = { displayName: '工作日历', timeZone: 'Asia/Shanghai', week };
    const name = 'calendars/wrong';
    for (const [fields, field] of [
      [{ ...hours, name: 'calendars/CN' }, 'name'],
      [{ name, timeZone: 'Asia/Shanghai', week }, 'display_name'],
      [{ name, displayName: '工作日历' }, 'week'],
      [{ ...hours, name, timeZone: 'Asia/Peking' }, 'timeZone'],
      [{ ...hours, name, week: [week[0]!, week[0]!] }, 'week'],
      [{ ...hours, name, week: [{ weekday: Weekday.MONDAY, periods: [{ from: '12:00', to: '09:00' }] }] }, 'week.MONDAY[0].to'],
      [{ ...hours, name, days: [{ ...newYear, date: '2025-01-01' }] }, 'days[0].date'],
      [{ ...hours, name, days: [newYear, { ...newYear, isOffDay: false }] }, 'days[1].date'],
      [{ ...hours, name, year: 1999 }, 'year'],
    ] satisfies [object, string][])
      await expect(importYear(fields), field).rejects.toMatchObject({ kind: 'INVALID', fields: [{ field }] });
    await expect(get('wrong')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    const { name: known } = await create('etag');
    await expect(importYear({ name: known, days: [], etag: '7' })).rejects.toMatchObject({ reason: 'ETAG_MISMATCH' });
    await importYear({ name: known, days: [], etag: '1' });
  });

  it('are imported from a file by a command, which says what is wrong with it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bankcrm-calendars-'));
    const run = (file: object) => {
      const path = join(dir, 'year.json');
      writeFileSync(path, JSON.stringify(file));
      const { DEMO_BANK_FILE: _none, ...env } = serviceEnv('directory', suite.stack);
      return promisify(execFile)(process.execPath, [join(import.meta.dirname, '../src/command.ts'), 'import', 'file', path], {
        env: { ...process.env, ...env, DATABASE_URL_WORKER: suite.urls.worker },
      });
    };
    try {
      const file = {
        $schema: 'https://raw.githubusercontent.com/NateScarlet/holiday-cn/master/schema.json',
        year: 2026,
        papers: [],
        days: [{ name: '元旦', date: '2026-01-01', isOffDay: true }],
      };
      await expect(run(file)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('display_name is required') });
      const hours = { displayName: '文件', timeZone: 'Asia/Shanghai', week: { MONDAY: [{ from: '09:00', to: '12:00' }] } };
      expect((await run({ ...file, ...hours })).stdout).toBe('calendars/file (文件) has the years 2026.\n');
      expect(await get('file')).toMatchObject({ displayName: '文件', years: [{ year: 2026, days: [newYear] }] });
      await eventually(() => expect(newest('file')?.displayName).toBe('文件'));
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
