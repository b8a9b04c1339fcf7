import { describe, expect, it } from 'vitest';
import { normaliseAccountNumber, normaliseEmail, normaliseIdNumber, normalisePhone } from './normalise.ts';

describe('normalised values', () => {
  it('find one phone number however it was typed', () => {
    for (const typed of [
      '13800138000',
      '+86 138-0013-8000',
      '0086 13800138000',
      '86 138 0013 8000',
      '１３８００１３８０００',
      '（86）13800138000',
    ])
      expect(normalisePhone(typed)).toBe('13800138000');
  });

  it('keep the digits of other numbers: foreign ones, and lines that happen to begin with 86', () => {
    expect(normalisePhone('+1 212 555 0100')).toBe('+12125550100');
    expect(normalisePhone('8610-6552-9988')).toBe('861065529988');
    expect(normalisePhone('010-65529988')).toBe('01065529988');
  });

  it('find one ID or account number whatever its case, width, blanks and hyphens', () => {
    for (const typed of ['11010519491231002x', ' 110105 19491231 002X ', '１１０１０５１９４９１２３１００２Ｘ'])
      expect(normaliseIdNumber(typed)).toBe('11010519491231002X');
    expect(normaliseAccountNumber('6222 0202-0011 2233 445')).toBe('6222020200112233445');
    expect(normaliseIdNumber('g-1234 5678')).toBe('G12345678');
  });

  it('find one e-mail address whatever its case and width', () => {
    expect(normaliseEmail(' Zhang.Wei@Example.COM ')).toBe('zhang.wei@example.com');
    expect(normaliseEmail('ｚｗ@example.com')).toBe('zw@example.com');
  });
});
