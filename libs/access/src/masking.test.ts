import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksMasked, maskAccountNumber, maskEmail, maskIdNumber, maskPhone } from './masking.ts';

describe('masks', () => {
  it('show of each field what the access rules show', () => {
    expect(maskPhone('13800131234')).toBe('138****1234');
    expect(maskIdNumber('110105194912311234')).toBe('***************23*');
    expect(maskIdNumber('11010519491231002X')).toBe('***************02*');
    expect(maskIdNumber('110105491231002')).toBe('*************02');
    expect(maskEmail('zhang.wei@example.com')).toBe('z***@example.com');
    expect(maskAccountNumber('6222020200112346789')).toBe('************6789');
  });

  it('give little of short and odd values away', () => {
    expect(maskPhone('62345678')).toBe('******78');
    expect(maskPhone('')).toBe('****');
    expect(maskPhone('+852 9000 0001')).toBe('+852******01');
    expect(maskPhone('+86 10 6000 0001')).toBe('+86******0001');
    expect(maskIdNumber('A1234')).toBe('****34');
    expect(maskIdNumber('E12345678')).toBe('******678');
    // A permanent residence permit of 2004: country, region, birth date, order, check digit.
    expect(maskIdNumber('FRA110072060312')).toBe('*************1*');
    expect(maskAccountNumber('12345')).toBe('************45');
    expect(maskEmail('no-at-sign')).toBe('***');
    expect(maskEmail('@example.com')).toBe('***');
    expect(maskEmail('𠮷@example.com')).toBe('𠮷***@example.com');
  });

  it('are recognised when they come back, and real values are not taken for masks', () => {
    const masked = [
      maskPhone('13800131234'),
      maskIdNumber('110105194912311234'),
      maskEmail('a@b.cn'),
      maskAccountNumber('6222020200112346789'),
    ];
    expect(masked.filter((value) => !looksMasked(value))).toEqual([]);
    const real = [
      '13800131234',
      '110105194912311234',
      '张伟',
      '欧阳修',
      'z@example.com',
      '6222020200112346789',
      '朝阳区建国路1号',
    ];
    expect(real.filter(looksMasked)).toEqual([]);
  });

  it('never show more than four digits of an account or ID number, whatever its length', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,30}$/), (digits) => {
        for (const mask of [maskAccountNumber, maskIdNumber]) {
          const shown = mask(digits).replaceAll('*', '');
          expect(shown.length).toBeLessThanOrEqual(4);
          expect(digits.includes(shown)).toBe(true);
        }
      }),
    );
  });

  it('show neither the check character of a resident’s number nor more than two digits of what the birth date leaves open', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{17}[\dX]$/), (number) => {
        expect(maskIdNumber(number)).toBe(`${'*'.repeat(15)}${number.slice(15, 17)}*`);
      }),
    );
  });
});
