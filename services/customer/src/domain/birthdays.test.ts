import { daysAfter } from '@bankcrm/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { birthdaysBetween, nextBirthday } from './birthdays.ts';

describe('the next birthday', () => {
  it.each([
    [615, '2026-06-15', '2026-06-15'],
    [615, '2026-06-16', '2027-06-15'],
    [101, '2026-12-31', '2027-01-01'],
    [229, '2026-01-10', '2026-02-28'],
    [229, '2026-03-01', '2027-02-28'],
    [229, '2027-03-01', '2028-02-29'],
    [229, '2028-02-28', '2028-02-29'],
    [229, '2028-02-29', '2028-02-29'],
    [228, '2028-02-29', '2029-02-28'],
  ])('of %i from %s is %s', (birthday, today, next) => expect(nextBirthday(birthday, today)).toBe(next));
});

describe('birthdays of a period', () => {
  it.each([
    [
      '2026-12-20',
      '2027-01-10',
      '2026-11-24',
      [
        [1220, 1231],
        [101, 110],
      ],
    ],
    ['2026-11-01', '2026-11-30', '2026-11-24', [[1124, 1130]]],
    ['2027-02-20', '2027-02-28', '2026-11-24', [[220, 229]]],
    ['2028-02-20', '2028-02-28', '2027-11-24', [[220, 228]]],
    ['2027-03-01', '2027-03-01', '2026-11-24', [[301, 301]]],
    ['2020-01-01', '2020-12-31', '2026-11-24', []],
    [
      undefined,
      undefined,
      '2026-11-24',
      [
        [1124, 1231],
        [101, 1123],
      ],
    ],
    [undefined, undefined, '2026-01-01', [[101, 1231]]],
    [
      undefined,
      undefined,
      '2028-02-29',
      [
        [229, 1231],
        [101, 228],
      ],
    ],
  ] as const)('from %s to %s as of %s are %j', (from, to, today, ranges) =>
    expect(birthdaysBetween(from, to, today)).toEqual(ranges),
  );

  it('are those whose next birthday lies in it, for every day and every birthday', () => {
    const day = fc.integer({ min: 0, max: 3_000 }).map((days) => daysAfter('2023-01-01', days));
    const birthday = fc.integer({ min: 0, max: 365 }).map((days) => {
      const date = daysAfter('2024-01-01', days);
      return Number(date.slice(5, 7)) * 100 + Number(date.slice(8));
    });
    fc.assert(
      fc.property(
        day,
        fc.integer({ min: -30, max: 400 }),
        fc.integer({ min: 0, max: 400 }),
        birthday,
        (today, start, length, born) => {
          const from = daysAfter(today, start);
          const to = daysAfter(from, length);
          const next = nextBirthday(born, today);
          const inRanges = birthdaysBetween(from, to, today).some(([a, b]) => born >= a && born <= b);
          expect(inRanges).toBe(next >= from && next <= to);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('together hold every birthday once, in the order in which they come', () => {
    for (const today of [
      '2026-01-01',
      '2026-02-28',
      '2026-03-01',
      '2026-11-24',
      '2026-12-31',
      '2027-02-28',
      '2028-02-28',
      '2028-02-29',
      '2028-03-01',
    ]) {
      const ranges = birthdaysBetween(undefined, undefined, today);
      const all = Array.from({ length: 366 }, (_, days) => daysAfter('2024-01-01', days)).map(
        (d) => Number(d.slice(5, 7)) * 100 + Number(d.slice(8)),
      );
      const order = ranges.flatMap(([a, b]) => all.filter((born) => born >= a && born <= b).sort((x, y) => x - y));
      expect(order).toHaveLength(366);
      const dates = order.map((born) => nextBirthday(born, today));
      expect(dates).toEqual([...dates].sort());
    }
  });
});
