import { join } from 'node:path';
import { isWorkingTime, prepareCalendar, workingDaysOfYear } from '@bankcrm/calendar';
import { expect, it } from 'vitest';
import { checkCalendarYear, checkWorkingHours } from '../domain/calendar-year.ts';
import { readBankFile } from './import-bank.ts';

it('the demo bank works on 248 days of 2026, and as the notices of the State Council say', () => {
  const bank = readBankFile(join(import.meta.dirname, '../../../../deploy/local/demo-bank.yaml'));
  const [cn] = bank.calendars;
  expect(cn?.id).toBe('cn');
  const calendar = prepareCalendar({ ...checkWorkingHours(cn), years: cn!.years.map(checkCalendarYear) });
  expect(workingDaysOfYear(calendar, 2026)).toMatchObject({ days: 248, provisional: false });
  // A Saturday that works before the Spring Festival, the festival, a Sunday that works, and the National Day.
  for (const [instant, works] of [
    ['2026-02-14T01:00:00Z', true],
    ['2026-02-17T01:00:00Z', false],
    ['2025-09-28T03:59:00Z', true],
    ['2025-10-01T03:00:00Z', false],
  ] as const)
    expect(isWorkingTime(calendar, new Date(instant)), instant).toMatchObject({ isWorking: works, provisional: false });
});
