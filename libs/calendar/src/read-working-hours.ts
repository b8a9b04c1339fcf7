import { maxPeriodsPerDay, type Weekday, type WorkingHours, type WorkingPeriod, weekdays } from './calendar.ts';
import { isZone } from './offsets.ts';
import { isObject, type Violations, violations } from './violations.ts';

const timePattern = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/**
 * Reads a zone and a week, `{ timeZone, week: { MONDAY: [{ from: '09:00', to: '12:00' }, …], … } }`. Throws INVALID with each
 * field at fault and what to change.
 */
export function readWorkingHours(input: unknown): WorkingHours {
  const wrong = violations();
  const { timeZone, week } = isObject(input) ? input : {};
  if (typeof timeZone !== 'string' || !isZone(timeZone))
    wrong.add('timeZone', 'must be a time zone by its IANA name, like Asia/Shanghai');
  if (!isObject(week)) wrong.add('week', 'must be an object with a list of periods for each weekday that works');
  else checkWeek(week, wrong);
  wrong.throwIfAny();

  const read: Partial<Record<Weekday, readonly WorkingPeriod[]>> = {};
  for (const [weekday, periods] of Object.entries(week as Record<Weekday, WorkingPeriod[]>))
    if (periods.length > 0) read[weekday as Weekday] = periods.map(({ from, to }) => ({ from, to }));
  return { timeZone: timeZone as string, week: read };
}

function checkWeek(week: Record<string, unknown>, wrong: Violations): void {
  if (Object.keys(week).some((field) => !weekdays.includes(field as Weekday)))
    wrong.add('week', `must have no fields but ${weekdays.join(', ')}`);
  // Nothing would ever be due.
  else if (Object.values(week).every((periods) => Array.isArray(periods) && periods.length === 0))
    wrong.add('week', 'must have at least one period');
  for (const [weekday, periods] of Object.entries(week)) {
    if (Array.isArray(periods) && periods.length <= maxPeriodsPerDay) checkDay(periods, `week.${weekday}`, wrong);
    else wrong.add(`week.${weekday}`, `must be a list of at most ${maxPeriodsPerDay} periods`);
  }
}

function checkDay(periods: readonly unknown[], at: string, wrong: Violations): void {
  let end = '';
  for (const [index, period] of periods.entries()) {
    const { from, to } = isObject(period) ? period : {};
    const fields = `${at}[${index}]`;
    const begins = typeof from === 'string' && timePattern.test(from) ? from : undefined;
    if (begins === undefined) wrong.add(`${fields}.from`, 'must be a time from 00:00 to 23:59');
    else if (begins < end)
      wrong.add(`${fields}.from`, 'must not be before the end of the period before: periods rise and do not overlap');
    if (typeof to !== 'string' || !(timePattern.test(to) || to === '24:00'))
      wrong.add(`${fields}.to`, 'must be a time from 00:01 to 24:00');
    else if (begins !== undefined && to <= begins)
      wrong.add(
        `${fields}.to`,
        'must be after the beginning; work past midnight is a period to 24:00 and one from 00:00 on the next day',
      );
    else end = to;
  }
}
