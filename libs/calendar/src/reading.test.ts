import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { officeWeek, shanghai } from '../test/support/calendars.ts';
import { prepareCalendar, readCalendarYear, readWorkingHours, workingDaysOfYear } from './index.ts';

const dir = join(import.meta.dirname, '../../../../shared/data/china');
if (!existsSync(dir)) console.log(`skipped: the State Council's days are not at ${dir}`);

const refusal = (...fields: [field: string, description: string][]) =>
  expect.objectContaining({
    kind: 'INVALID',
    fields: fields.map(([field, description]) => ({ field, description: expect.stringContaining(description) })),
  });

describe('a year', () => {
  const off = { name: '元旦', date: '2026-01-01', isOffDay: true };
  const makeUp = { name: '元旦', date: '2026-01-04', isOffDay: false };
  const year = (...days: unknown[]) => ({ year: 2026, days });

  it('is read with its days off and the weekdays that make-up days work as, Mondays where none is said', () => {
    const saturday = { ...makeUp, date: '2026-01-10', worksAs: 'FRIDAY' };
    expect(readCalendarYear({ $schema: 'https://…', papers: [], ...year(off, makeUp, saturday) })).toEqual({
      year: 2026,
      daysOff: [{ date: '2026-01-01', name: '元旦' }],
      makeUpDays: [
        { date: '2026-01-04', name: '元旦', worksAs: 'MONDAY' },
        { date: '2026-01-10', name: '元旦', worksAs: 'FRIDAY' },
      ],
    });
  });

  it.each([
    ['a make-up day that is off', year(off, { ...makeUp, date: off.date }), ['days[1].date', 'not both']],
    ['a day there twice', year(off, off), ['days[1].date', 'once']],
    ['a date of another year', year(off, { ...off, date: '2025-12-31' }), ['days[1].date', 'in 2026']],
    ['a date that is none', year({ ...off, date: '2026-02-30' }), ['days[0].date', 'like 2026-10-01']],
    ['a weekday that is none', year({ ...makeUp, worksAs: 'Monday' }), ['days[0].worksAs', 'MONDAY']],
    ['a weekday of a day off', year({ ...off, worksAs: 'MONDAY' }), ['days[0].worksAs', 'make-up days only']],
    ['a field spelt otherwise', year({ ...makeUp, works_as: 'FRIDAY' }), ['days[0]', 'worksAs']],
    ['no name', year({ ...off, name: ' ' }), ['days[0].name', '1 to 100']],
    ['neither off nor not', year({ ...off, isOffDay: 'true' }), ['days[0].isOffDay', 'true']],
    ['a day that is a text', year('2026-01-01'), ['days[0]', 'object']],
    ['too many days', year(...Array(367).fill(off)), ['days', '366']],
    ['a year out of reach', { ...year(off), year: 1999 }, ['year', '2000']],
    ['a year as a text', { ...year(off), year: '2026' }, ['year', '2000']],
  ] as [string, unknown, [string, string]][])('is refused for %s', (_why, input, violation) => {
    expect(() => readCalendarYear(input)).toThrow(refusal(violation));
  });

  it('that is nothing at all is refused, and not all of a hundred faults are listed', () => {
    expect(() => readCalendarYear(null)).toThrow(refusal(['year', 'whole number'], ['days', 'list']));
    const faults = (() => {
      try {
        readCalendarYear(year(...Array(366).fill({})));
      } catch (error) {
        return (error as { fields: unknown[] }).fields.length;
      }
      return 0;
    })();
    expect(faults).toBe(50);
  });

  // 2024 has 262 days from Monday to Friday, of which 19 are off, and 8 make up for them.
  it.skipIf(!existsSync(dir)).each([
    [2024, 251],
    [2025, 248],
    [2026, 248],
  ])('is read as the State Council published it: %i', (year, days) => {
    const read = readCalendarYear(JSON.parse(readFileSync(join(dir, `${year}.json`), 'utf8')));
    expect(workingDaysOfYear(prepareCalendar({ ...shanghai, years: [read] }), year)).toEqual({ days, provisional: false });
    const written = shanghai.years.find((one) => one.year === year);
    if (!written) return;
    const dates = (list: readonly { date: string }[]) => list.map(({ date }) => date);
    expect(dates(read.daysOff)).toEqual(dates(written.daysOff));
    expect(dates(read.makeUpDays)).toEqual(dates(written.makeUpDays));
  });
});

describe('working hours', () => {
  const timeZone = 'Asia/Shanghai';
  const monday = (...MONDAY: unknown[]) => ({ timeZone, week: { MONDAY } });

  it('are read as they are, free weekdays left out', () => {
    expect(readWorkingHours({ timeZone, week: { ...officeWeek, SATURDAY: [] } })).toEqual({ timeZone, week: officeWeek });
    const night = monday({ from: '00:00', to: '06:00' }, { from: '06:00', to: '24:00' });
    expect(readWorkingHours(night)).toEqual(night);
  });

  it.each([
    ['an unknown zone', { timeZone: 'Asia/Peking', week: officeWeek }, ['timeZone', 'IANA']],
    ['a distance from UTC', { timeZone: '+08:00', week: officeWeek }, ['timeZone', 'IANA']],
    ['no zone', { week: officeWeek }, ['timeZone', 'IANA']],
    ['no week', { timeZone }, ['week', 'object']],
    ['a week without work', { timeZone, week: { MONDAY: [] } }, ['week', 'at least one']],
    ['a weekday that is none', { timeZone, week: { ...officeWeek, Someday: [] } }, ['week', 'MONDAY']],
    ['a day that is no list', { timeZone, week: { MONDAY: {} } }, ['week.MONDAY', 'at most 10']],
    [
      'eleven periods',
      monday(...Array.from({ length: 11 }, (_, hour) => ({ from: `${hour + 10}:00`, to: `${hour + 10}:30` }))),
      ['week.MONDAY', 'at most 10'],
    ],
    [
      'periods that overlap',
      monday({ from: '09:00', to: '12:00' }, { from: '11:59', to: '13:00' }),
      ['week.MONDAY[1].from', 'overlap'],
    ],
    [
      'periods that fall',
      monday({ from: '13:00', to: '14:00' }, { from: '09:00', to: '12:00' }),
      ['week.MONDAY[1].from', 'rise'],
    ],
    ['an end before the beginning', monday({ from: '22:00', to: '06:00' }), ['week.MONDAY[0].to', 'past midnight']],
    ['an empty period', monday({ from: '09:00', to: '09:00' }), ['week.MONDAY[0].to', 'after the beginning']],
    ['a beginning at 24:00', monday({ from: '24:00', to: '24:00' }), ['week.MONDAY[0].from', '23:59']],
    ['a time without a zero', monday({ from: '9:00', to: '12:00' }), ['week.MONDAY[0].from', '23:59']],
    ['a time beyond the day', monday({ from: '09:00', to: '24:01' }), ['week.MONDAY[0].to', '24:00']],
    ['a period that is a text', monday('09:00-12:00'), ['week.MONDAY[0].from', '23:59'], ['week.MONDAY[0].to', '24:00']],
  ] as [string, unknown, ...[string, string][]][])('are refused for %s', (_why, input, ...violations) => {
    expect(() => readWorkingHours(input)).toThrow(refusal(...violations));
  });
});
