import { describe, expect, it } from 'vitest';
import { dayAt, formatDay, instantOf, monthsUntil, parseDay } from './calendar.ts';

describe('the bank’s calendar', () => {
  it('refuses dates that the calendar does not have', () => {
    for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', '', 'today']) expect(parseDay(text)).toBeNaN();
    expect(formatDay(parseDay('2024-02-29'))).toBe('2024-02-29');
  });

  it('reads the bank’s clock in UTC+8', () => {
    expect(instantOf(parseDay('2026-10-31'), 9 * 3_600).toISOString()).toBe('2026-10-31T01:00:00.000Z');
    expect(formatDay(dayAt(new Date('2026-10-30T16:00:00Z')))).toBe('2026-10-31');
    expect(formatDay(dayAt(new Date('2026-10-30T15:59:59Z')))).toBe('2026-10-30');
  });

  it('cuts the last month off at the last business day', () => {
    const months = monthsUntil(parseDay('2026-03-10'), 3);
    expect(months.map(({ month, first, last }) => [month, formatDay(first), formatDay(last)])).toEqual([
      [1, '2026-01-01', '2026-01-31'],
      [2, '2026-02-01', '2026-02-28'],
      [3, '2026-03-01', '2026-03-10'],
    ]);
    expect(monthsUntil(parseDay('2026-03-10'), 0)).toEqual([]);
  });
});
