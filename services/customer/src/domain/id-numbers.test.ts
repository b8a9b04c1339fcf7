import { describe, expect, it } from 'vitest';
import { isCreditCode, readResidentId } from './id-numbers.ts';

describe('resident ID numbers', () => {
  // The two examples printed in GB 11643-1999, annex A.
  it.each([
    ['11010519491231002X', '1949-12-31'],
    ['440524188001010014', '1880-01-01'],
  ])('holds the check of the standard’s own example %s and reads its birth date', (number, birthDate) => {
    expect(readResidentId(number)).toEqual({ form: 'STANDARD', checkHolds: true, birthDate });
  });

  it('finds every single wrong digit of an example', () => {
    const number = '440524188001010014';
    for (let at = 0; at < 17; at += 1) {
      for (const digit of '0123456789') {
        if (digit === number[at]) continue;
        expect(readResidentId(number.slice(0, at) + digit + number.slice(at + 1)).checkHolds).toBe(false);
      }
    }
  });

  it('reads the 15-digit form of before 1999, which has no check character', () => {
    // The example of the standard as it was written before: without century and check.
    expect(readResidentId('110105491231002')).toEqual({ form: 'LEGACY', checkHolds: true, birthDate: '1949-12-31' });
  });

  it('tells what has not the shape of the standard, and an impossible date in what has', () => {
    expect(readResidentId('1101051949123100')).toMatchObject({ form: 'BAD_SHAPE' });
    expect(readResidentId('11010519490231002X').birthDate).toBeUndefined();
  });
});

describe('unified social credit codes', () => {
  // Published codes: Huawei Technologies, Tencent, Alibaba (China), Industrial and Commercial Bank of China.
  it.each(['914403001922038216', '9144030071526726XG', '91330100799655058B', '91100000100003962T'])(
    'accepts the published code %s',
    (code) => {
      expect(isCreditCode(code)).toBe(true);
    },
  );

  it('refuses a wrong check character, a letter outside the alphabet and a wrong length', () => {
    expect(isCreditCode('914403001922038217')).toBe(false);
    expect(isCreditCode('91440300192203821I')).toBe(false);
    expect(isCreditCode('9144030019220382')).toBe(false);
  });
});
