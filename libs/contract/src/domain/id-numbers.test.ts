import { describe, expect, it } from 'vitest';
import { idNumberForms, indexedIdNumber, isCreditCode, otherResidentForm, readResidentId } from './id-numbers.ts';

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

describe('two forms of one number', () => {
  // Check characters by hand after GB 11643-1999, 4.2.
  it.each([
    ['110105491231002', '11010519491231002X'],
    ['110105850615321', '110105198506153215'],
    // Over a hundred when 15 digits were given.
    ['440524800101998', '440524188001019983'],
  ])('lead to each other: %s and %s', (short, long) => {
    expect(otherResidentForm(short)).toBe(long);
    expect(otherResidentForm(long)).toBe(short);
    expect(idNumberForms(short)).toEqual([short, long]);
    expect(idNumberForms(long.toLowerCase())).toEqual([long, short]);
  });

  it('are not made up for who never had 15 digits, a wrong check, an impossible date', () => {
    // Born in 2005, and in 1880 with an order code that was given to anybody (GB 11643-1999, annex A).
    for (const number of ['110105200506153215', '440524188001010014', '110105194912310021', '110105490231002', 'E12345678'])
      expect([number, otherResidentForm(number)]).toEqual([number, undefined]);
  });

  it('meet where a credit code holds the organisation code of before', () => {
    const indexed = indexedIdNumber('unified-social-credit-code', '914403001922038216');
    expect(idNumberForms('914403001922038216')).toEqual(expect.arrayContaining([indexed, '192203821']));
    expect(idNumberForms('19220382-1')).toContain(indexed);
    // May be a passport; and one digit is wrong.
    expect(idNumberForms('192203821')).toEqual(['192203821']);
    expect(idNumberForms('19220382-2')).toEqual(['192203822']);
    expect(indexedIdNumber('resident-id', '914403001922038216')).toBe('914403001922038216');
  });

  it('meet where a travel permit counts its issues', () => {
    expect(indexedIdNumber('travel-permit', 'H1234567802')).toBe('H12345678');
    expect(idNumberForms('H12345678 01')).toEqual(['H1234567801', 'H12345678']);
    expect(indexedIdNumber('passport', 'H1234567802')).toBe('H1234567802');
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
