import { expect, it } from 'vitest';
import { isPlausibleBirth, readDate } from './dates.ts';

it.each([
  '1990-01-01',
  '1990-01-01 ',
  '1990/1/1',
  '1990.01.01',
  '19900101',
  '１９９０－０１－０１',
  '1990年1月1日',
  '1990-01-01T00:00:00',
  '1990-01-01 00:00:00.0',
  '1990-01-01T00:00:00Z',
  '1990-01-01T00:00:00.000+08:00',
  '1990年1月1号',
  '1990–01–01',
  '1990—1—1',
  '1990‑01−01',
])('%j is 1 January 1990', (text) => expect(readDate(text)).toBe('1990-01-01'));

it.each([
  '1999-02-29',
  '0000-00-00',
  '00000000',
  '1990-13-01',
  '199001',
  '01/02/1990',
  '90-01-01',
  '1990-01-01T08:30:00Z',
  // Still 31 December in China.
  '1990-01-01T00:00:00+14:00',
  '1990',
  '-',
  'null',
])('%j is no date', (text) => expect(readDate(text)).toBeUndefined());

it('nothing is no date and no mistake', () => {
  expect(['', '   ', '\u0000\u0000'].map(readDate)).toEqual(['', '', '']);
  expect(readDate('9999-12-31')).toBe('9999-12-31');
});

it('nobody is born in the future or was born more than 130 years ago', () => {
  expect(['2040-02-29', '1910-02-28', '1910-03-01'].map((date) => isPlausibleBirth(date, '2040-02-28'))).toEqual([
    false,
    true,
    true,
  ]);
  expect(isPlausibleBirth('1910-02-27', '2040-02-28')).toBe(false);
});
