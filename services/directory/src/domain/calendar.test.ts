import { expect, it } from 'vitest';
import { type Calendar, importYear, mostCalendars, mostDays } from './calendar.ts';

const now = new Date('2026-03-01T08:00:00Z');
const hours = { timeZone: 'Asia/Shanghai', week: { MONDAY: [{ from: '09:00', to: '12:00' }] } };
const yearOf = (year: number, days = 1) => ({
  year,
  daysOff: Array.from({ length: days }, (_, index) => ({ date: `${year}-01-${index}`, name: '元旦' })),
  makeUpDays: [],
});
const circumstances = { calendars: 1, revision: 7n, now };
const cn = importYear(undefined, { calendarId: 'cn', displayName: '日历', hours, year: yearOf(2026) }, circumstances);
const into = (current: Calendar, year: ReturnType<typeof yearOf>) =>
  importYear(current, { calendarId: 'cn', displayName: undefined, hours: undefined, year }, circumstances);

it('a year replaces itself and stands in its order among the others; name, zone and week stay', () => {
  const more = into(into(cn, yearOf(2025)), yearOf(2026, 2));
  expect(more).toMatchObject({ ...hours, displayName: '日历', version: 3, createTime: now });
  expect(more.years).toEqual([yearOf(2025), yearOf(2026, 2)]);
});

it('a new calendar has a name and hours, and is one of few', () => {
  const bare = { calendarId: 'x', displayName: '日历', hours: undefined, year: yearOf(2026) };
  expect(() => importYear(undefined, bare, circumstances)).toThrow('INVALID_FIELD');
  expect(() => importYear(undefined, { ...bare, hours, displayName: undefined }, circumstances)).toThrow('INVALID_FIELD');
  const full = { ...circumstances, calendars: mostCalendars };
  expect(() => importYear(undefined, { ...bare, hours }, full)).toThrow('TOO_MANY_CALENDARS');
  importYear(cn, { ...bare, calendarId: 'cn' }, full);
});

it('a calendar has so many special days and no more', () => {
  const full = into(cn, yearOf(2025, mostDays - 1));
  expect(() => into(full, yearOf(2024, 1))).toThrow('TOO_MANY_DAYS');
  into(full, yearOf(2025, 2));
});
