import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksMasked, maskAccountNumber, maskEmail, maskIdNumber, maskPhone } from './masking.ts';

describe('masks', () => {
  it('show of each field what the access rules show', () => {
    expect(maskPhone('13800131234')).toBe('138****1234');
    expect(maskIdNumber('110105194912311234')).toBe('**************1234');
    expect(maskEmail('zhang.wei@example.com')).toBe('z***@example.com');
    expect(maskAccountNumber('6222020200112346789')).toBe('************6789');
  });

  it('give little of short and odd values away', () => {
    expect(maskPhone('62345678')).toBe('******78');
    expect(maskPhone('')).toBe('****');
    expect(maskIdNumber('A1234')).toBe('****34');
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
          expect(digits.endsWith(shown)).toBe(true);
        }
      }),
    );
  });
});
