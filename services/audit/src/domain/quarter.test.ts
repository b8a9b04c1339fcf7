import { describe, expect, it } from 'vitest';
import { parsePackName, parseQuarter, periodOf } from './quarter.ts';

const period = (quarter: string, zone: string): string[] => {
  const { start, end } = periodOf(parseQuarter(quarter), zone);
  return [start.toISOString(), end.toISOString()];
};

describe('a quarter', () => {
  it.each([
    ['2026Q1', 'Asia/Shanghai', '2025-12-31T16:00:00.000Z', '2026-03-31T16:00:00.000Z'],
    ['2026Q4', 'Asia/Shanghai', '2026-09-30T16:00:00.000Z', '2026-12-31T16:00:00.000Z'],
    ['2026Q4', 'UTC', '2026-10-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    // Summer time ends on 25 October in one, and begins on 4 October in the other.
    ['2026Q4', 'Europe/Berlin', '2026-09-30T22:00:00.000Z', '2026-12-31T23:00:00.000Z'],
    ['2026Q4', 'Australia/Sydney', '2026-09-30T14:00:00.000Z', '2026-12-31T13:00:00.000Z'],
    // Summer time ends at three o'clock on the first day.
    ['2012Q2', 'Australia/Sydney', '2012-03-31T13:00:00.000Z', '2012-06-30T14:00:00.000Z'],
    ['2026Q2', 'America/St_Johns', '2026-04-01T02:30:00.000Z', '2026-07-01T02:30:00.000Z'],
  ])('%s begins and ends at midnight in %s', (quarter, zone, start, end) => {
    expect(period(quarter, zone)).toEqual([start, end]);
  });

  it('ends where the next one begins', () => {
    const quarters = ['2025Q4', '2026Q1', '2026Q2', '2026Q3', '2026Q4', '2027Q1'];
    for (const [at, next] of quarters.slice(1).entries())
      expect(period(quarters[at]!, 'Asia/Shanghai')[1]).toBe(period(next, 'Asia/Shanghai')[0]);
  });

  it.each(['', '2026', '2026Q0', '2026Q5', '26Q1', '2026q1', '2026Q1 ', '0026Q1', '2026Q11'])('is not %j', (text) => {
    expect(() => parseQuarter(text)).toThrow(expect.objectContaining({ kind: 'INVALID' }));
    expect(() => parsePackName(`auditPacks/${text}`)).toThrow(expect.objectContaining({ reason: 'INVALID_RESOURCE_NAME' }));
  });
});
