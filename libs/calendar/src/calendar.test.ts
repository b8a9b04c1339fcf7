import { describe, expect, it } from 'vitest';
import { officeWeek, shanghai } from '../test/support/calendars.ts';
import {
  addWorkingDays,
  addWorkingMinutes,
  endOfWorkingDay,
  isWorkingTime,
  prepareCalendar,
  workingDays,
  workingDaysOfYear,
  workingMinutesBetween,
} from './index.ts';

const bank = prepareCalendar(shanghai);
/** By Shanghai's clock. */
const at = (text: string) => new Date(`${text.replace(' ', 'T')}:00+08:00`);
const plus = (text: string, minutes: number) => addWorkingMinutes(bank, at(text), minutes);
const firmly = (text: string) => ({ instant: at(text), provisional: false });
const provisionally = (text: string) => ({ instant: at(text), provisional: true });

describe('working minutes', () => {
  it('run over days off, and on days that make up for them', () => {
    expect(plus('2026-02-13 17:00', 480)).toEqual(firmly('2026-02-24 09:30'));
    expect(plus('2025-09-28 11:30', 60)).toEqual(firmly('2025-09-28 14:00'));
    expect(workingMinutesBetween(bank, at('2026-02-13 17:00'), at('2026-02-24 09:30'))).toEqual({
      minutes: 480,
      provisional: false,
    });
  });

  it('that complete a period end at its end, backwards at its beginning', () => {
    expect(plus('2026-03-02 11:00', 60)).toEqual(firmly('2026-03-02 12:00'));
    expect(plus('2026-03-02 11:00', 61)).toEqual(firmly('2026-03-02 13:31'));
    expect(plus('2026-03-02 14:00', -30)).toEqual(firmly('2026-03-02 13:30'));
    expect(plus('2026-03-02 14:00', -31)).toEqual(firmly('2026-03-02 11:59'));
  });

  it('that are none leave the instant as it is, also outside of working time', () => {
    expect(plus('2026-03-01 03:00', 0)).toEqual(firmly('2026-03-01 03:00'));
  });

  it('keep seconds', () => {
    const { instant } = addWorkingMinutes(bank, new Date('2026-03-02T11:59:30+08:00'), 1);
    expect(instant).toEqual(new Date('2026-03-02T13:30:30+08:00'));
    expect(workingMinutesBetween(bank, new Date('2026-03-02T11:59:30+08:00'), at('2026-03-02 13:00')).minutes).toBe(0.5);
  });

  it('between a later instant and an earlier one are negative', () => {
    expect(workingMinutesBetween(bank, at('2026-03-02 14:00'), at('2026-03-02 11:00')).minutes).toBe(-90);
  });

  it('are fewer where clocks go forward and more where they go back', () => {
    const berlin = prepareCalendar({
      timeZone: 'Europe/Berlin',
      week: { SUNDAY: [{ from: '01:00', to: '04:00' }] },
      years: [{ year: 2026, daysOff: [], makeUpDays: [] }],
    });
    const minutesOn = (date: string) =>
      workingMinutesBetween(berlin, new Date(`${date}T00:00:00+02:00`), new Date(`${date}T23:00:00+01:00`));
    expect(minutesOn('2026-03-29')).toEqual({ minutes: 120, provisional: false });
    expect(minutesOn('2026-10-25')).toEqual({ minutes: 240, provisional: false });
    expect(minutesOn('2026-06-07')).toEqual({ minutes: 180, provisional: false });
  });
});

describe('working time', () => {
  it('begins with a period and is over at its end', () => {
    const isWorking = (text: string) => isWorkingTime(bank, at(text)).isWorking;
    expect(['2026-03-02 09:00', '2026-03-02 11:59', '2026-02-14 13:30'].map(isWorking)).toEqual([true, true, true]);
    expect(['2026-03-02 08:59', '2026-03-02 12:00', '2026-03-02 17:30', '2026-02-16 10:00'].map(isWorking)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('that touches no loaded year is that of plain weeks, and provisional', () => {
    expect(isWorkingTime(bank, at('2027-01-01 10:00'))).toEqual({ isWorking: true, provisional: true });
    expect(plus('2026-12-31 17:00', 30)).toEqual(firmly('2026-12-31 17:30'));
    expect(plus('2026-12-31 17:00', 31)).toEqual(provisionally('2027-01-01 09:01'));
    expect(plus('2025-01-02 09:30', -31)).toEqual(provisionally('2024-12-31 17:29'));
    expect(plus('2027-01-01 00:00', -30)).toEqual(firmly('2026-12-31 17:00'));
    expect(plus('2027-01-01 00:01', -30)).toEqual(provisionally('2026-12-31 17:00'));
    expect(workingMinutesBetween(bank, at('2026-12-31 17:00'), at('2027-01-01 00:00'))).toEqual({
      minutes: 30,
      provisional: false,
    });
    expect(workingMinutesBetween(bank, at('2026-12-31 17:00'), at('2027-01-01 00:01'))).toEqual({
      minutes: 30,
      provisional: true,
    });
    expect(workingMinutesBetween(bank, at('2024-12-31 23:59'), at('2027-01-01 00:01')).provisional).toBe(true);
  });
});

describe('working days', () => {
  it('are 248 in China in 2026 and in 2025', () => {
    expect(workingDaysOfYear(bank, 2026)).toEqual({ days: 248, provisional: false });
    expect(workingDaysOfYear(bank, 2025)).toEqual({ days: 248, provisional: false });
    // 261 weekdays from Monday to Friday: a year of 365 days that begins on a Friday.
    expect(workingDaysOfYear(bank, 2027)).toEqual({ days: 261, provisional: true });
  });

  it('in a range count both ends', () => {
    expect(workingDays(bank, '2026-02-13', '2026-02-24')).toEqual({ days: 3, provisional: false });
    expect(workingDays(bank, '2026-02-15', '2026-02-23').days).toBe(0);
    expect(workingDays(bank, '2026-12-31', '2027-01-01')).toEqual({ days: 2, provisional: true });
  });

  it('are added from the day after on, and taken from the day before', () => {
    expect(addWorkingDays(bank, '2026-02-13', 1)).toEqual({ date: '2026-02-14', provisional: false });
    expect(addWorkingDays(bank, '2026-02-13', 2)).toEqual({ date: '2026-02-24', provisional: false });
    expect(addWorkingDays(bank, '2026-02-18', 1)).toEqual({ date: '2026-02-24', provisional: false });
    expect(addWorkingDays(bank, '2026-02-24', -2)).toEqual({ date: '2026-02-13', provisional: false });
    expect(addWorkingDays(bank, '2026-02-18', 0)).toEqual({ date: '2026-02-18', provisional: false });
    expect(addWorkingDays(bank, '2026-12-31', 1)).toEqual({ date: '2027-01-01', provisional: true });
    expect(addWorkingDays(bank, '2024-12-31', 1)).toEqual({ date: '2025-01-02', provisional: false });
    expect(addWorkingDays(bank, '2027-01-01', -1)).toEqual({ date: '2026-12-31', provisional: false });
  });

  it('from an instant end when business ends', () => {
    const deadline = (text: string, days: number) => endOfWorkingDay(bank, at(text), days);
    expect(deadline('2026-03-02 10:00', 2)).toEqual(firmly('2026-03-04 17:30'));
    expect(deadline('2026-03-02 23:00', 2)).toEqual(firmly('2026-03-04 17:30'));
    expect(deadline('2026-02-16 10:00', 1)).toEqual(firmly('2026-02-24 17:30'));
    expect(deadline('2026-12-31 10:00', 1)).toEqual(provisionally('2027-01-01 17:30'));
  });

  it('leave out a day that a zone left out', () => {
    // Samoa went from Thursday, 2011-12-29, to Saturday: it crossed the date line.
    const apia = prepareCalendar({
      timeZone: 'Pacific/Apia',
      week: officeWeek,
      years: [{ year: 2011, daysOff: [], makeUpDays: [] }],
    });
    expect(workingDays(apia, '2011-12-26', '2011-12-31').days).toBe(4);
    expect(addWorkingDays(apia, '2011-12-29', 1).date).toBe('2012-01-02');
    expect(endOfWorkingDay(apia, new Date('2011-12-29T10:00:00-10:00'), 1).instant).toEqual(
      new Date('2012-01-02T17:30:00+14:00'),
    );
  });
});

describe('what has no answer is refused', () => {
  const never = prepareCalendar({ ...shanghai, week: {}, years: [] });
  const noWorkingTime = expect.objectContaining({ kind: 'INVALID', fields: [expect.objectContaining({ field: 'calendar' })] });
  it.each([
    ['minutes', () => addWorkingMinutes(never, at('2026-03-02 10:00'), 1)],
    ['minutes before', () => addWorkingMinutes(never, at('2026-03-02 10:00'), -1)],
    ['days', () => addWorkingDays(never, '2026-03-02', 1)],
    ['a deadline', () => endOfWorkingDay(never, at('2026-03-02 10:00'), 1)],
    ['more minutes than a century has', () => plus('2026-03-02 10:00', 1e9)],
  ])('in a calendar without working time: %s', (_what, ask) => {
    expect(ask).toThrow(noWorkingTime);
  });

  it.each([
    ['instant', () => plus('1999-12-31 10:00', 1)],
    ['instant', () => plus('2100-01-01 00:01', -1)],
    ['instant', () => isWorkingTime(bank, new Date(Number.NaN))],
    ['instant', () => workingMinutesBetween(bank, new Date(Number.NaN), at('2026-03-02 10:00'))],
    ['instant', () => workingMinutesBetween(bank, at('2026-03-02 10:00'), new Date(Number.NaN))],
    ['minutes', () => plus('2026-03-02 10:00', Number.NaN)],
    ['minutes', () => plus('2026-03-02 10:00', Number.POSITIVE_INFINITY)],
    ['date', () => addWorkingDays(bank, '2026-02-30', 1)],
    ['days', () => addWorkingDays(bank, '2026-03-02', 0.5)],
    ['days', () => endOfWorkingDay(bank, at('2026-03-02 10:00'), 0)],
    ['to', () => workingDays(bank, '2026-03-02', '2026-03-01')],
    ['to', () => workingDays(bank, '2026-03-02', '2100-01-01')],
    ['years', () => prepareCalendar({ ...shanghai, years: [...shanghai.years, shanghai.years[0]!] })],
  ])('because of its %s', (field, ask) => {
    expect(ask).toThrow(expect.objectContaining({ kind: 'INVALID', fields: [expect.objectContaining({ field })] }));
  });
});
