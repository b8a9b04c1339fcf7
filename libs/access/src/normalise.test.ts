import { describe, expect, it } from 'vitest';
import { normaliseAccountNumber, normaliseEmail, normaliseIdNumber } from './normalise.ts';

describe('normalised values', () => {
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
