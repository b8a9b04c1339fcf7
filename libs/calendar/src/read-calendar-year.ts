import { isCivilDate } from '@bankcrm/kernel';
import { type CalendarYear, type DayOff, firstYear, lastYear, type MakeUpDay, type Weekday, weekdays } from './calendar.ts';
import { isObject, type Violations, violations } from './violations.ts';

/** A leap year's. */
const maxDays = 366;
const maxNameLength = 100;
const fieldsOfDay = ['name', 'date', 'isOffDay', 'worksAs'];

interface ImportedDay {
  name: string;
  date: string;
  isOffDay: boolean;
  worksAs?: Weekday;
}

/**
 * Reads a year's days off and make-up days from the form in which https://github.com/NateScarlet/holiday-cn publishes the State Council's notices:
 * `{ year, days: [{ name, date, isOffDay }] }`; what else such a file says (`$schema`, `papers`) is passed over. A make-up day may say `worksAs`, a
 * weekday such as `TUESDAY`. The notices do not: a make-up day without it works as Mondays do.
 *
 * Throws INVALID with each field at fault and what to change.
 */
export function readCalendarYear(input: unknown): CalendarYear {
  const wrong = violations();
  const { year, days } = isObject(input) ? input : {};
  if (!Number.isInteger(year) || Number(year) < firstYear || Number(year) > lastYear)
    wrong.add('year', `must be a whole number from ${firstYear} to ${lastYear}`);
  if (!Array.isArray(days) || days.length > maxDays) wrong.add('days', `must be a list of at most ${maxDays} days`);
  wrong.throwIfAny();

  for (const [index, day] of (days as unknown[]).entries()) checkDay(day, `days[${index}]`, wrong);
  wrong.throwIfAny();

  const imported = days as ImportedDay[];
  checkDates(imported, year as number, wrong);
  wrong.throwIfAny();

  const daysOff: DayOff[] = [];
  const makeUpDays: MakeUpDay[] = [];
  for (const { name, date, isOffDay, worksAs = 'MONDAY' } of imported) {
    if (isOffDay) daysOff.push({ date, name });
    else makeUpDays.push({ date, name, worksAs });
  }
  return { year: year as number, daysOff, makeUpDays };
}

function checkDay(day: unknown, at: string, wrong: Violations): void {
  if (!isObject(day)) {
    wrong.add(at, 'must be an object with name, date and isOffDay');
    return;
  }
  if (Object.keys(day).some((field) => !fieldsOfDay.includes(field)))
    wrong.add(at, `must have no fields but ${fieldsOfDay.join(', ')}`);
  const { name, date, isOffDay, worksAs } = day;
  if (typeof name !== 'string' || name.trim() === '' || name.length > maxNameLength)
    wrong.add(`${at}.name`, `must be 1 to ${maxNameLength} characters`);
  if (typeof date !== 'string' || !isCivilDate(date)) wrong.add(`${at}.date`, 'must be a date like 2026-10-01');
  if (typeof isOffDay !== 'boolean') wrong.add(`${at}.isOffDay`, 'must be true for a day off, false for a make-up day');
  if (worksAs !== undefined && (isOffDay !== false || !weekdays.includes(worksAs as Weekday)))
    wrong.add(`${at}.worksAs`, `must stand on make-up days only, as one of ${weekdays.join(', ')}`);
}

function checkDates(days: readonly ImportedDay[], year: number, wrong: Violations): void {
  const seen = new Map<string, boolean>();
  for (const [index, { date, isOffDay }] of days.entries()) {
    const at = `days[${index}].date`;
    if (!date.startsWith(`${year}-`)) wrong.add(at, `must be in ${year}: import days of another year with that year`);
    const before = seen.get(date);
    if (before === isOffDay) wrong.add(at, 'must be there once');
    else if (before !== undefined) wrong.add(at, 'must be either a day off or a make-up day, not both');
    seen.set(date, isOffDay);
  }
}
