import { describe, expect, it } from 'vitest';
import { creditCode, creditCodeCheck, organisationCodeCheck } from './credit-code.ts';
import { accountNumber, cardNumber, luhnCheck } from './luhn.ts';
import { legacyResidentId, residentId, residentIdCheck, withWrongCheck } from './resident-id.ts';

describe('resident identity numbers (GB 11643)', () => {
  // Both numbers are the examples printed in GB 11643-1999 itself.
  it.each(['11010519491231002X', '440524188001010014'])('checks %s as the standard does', (number) => {
    expect(residentIdCheck(number.slice(0, 17))).toBe(number.at(-1));
  });

  it('builds the standard’s first example from region, birth date and order code', () => {
    expect(residentId('110105', '1949-12-31', 2)).toBe('11010519491231002X');
  });

  it('shortens to the 15 digits of before 1999 without century and check', () => {
    expect(legacyResidentId('11010519491231002X')).toBe('110105491231002');
  });

  it('makes a wrong number that differs in its last character only', () => {
    const wrong = withWrongCheck('11010519491231002X');
    expect(wrong).toMatch(/^11010519491231002[\dX]$/);
    expect(wrong).not.toBe('11010519491231002X');
  });
});

describe('unified social credit codes (GB 32100)', () => {
  // Codes of companies as published in the national register: Tencent, Alibaba, Huawei, Xiaomi.
  it.each(['9144030071526726XG', '91330100799655058B', '914403001922038216', '91110108551385082Q'])(
    'checks %s as registered',
    (code) => {
      expect(creditCodeCheck(code.slice(0, 17))).toBe(code.at(-1));
      expect(organisationCodeCheck(code.slice(8, 16))).toBe(code.at(16));
    },
  );

  it('builds a published code from region and organisation number', () => {
    expect(creditCode('440300', 71526726)).toBe('9144030071526726XG');
  });
});

describe('card and account numbers', () => {
  // 79927398713 is the worked example of the Luhn algorithm; the others are the schemes' published test cards.
  it.each(['79927398713', '4111111111111111', '378282246310005'])('completes %s', (number) => {
    expect(luhnCheck(number.slice(0, -1))).toBe(number.at(-1));
  });

  it('gives cards of the length asked for in the 9990 range, which no scheme issues', () => {
    expect(cardNumber('999021', 7, 19)).toMatch(/^9990\d{15}$/);
    expect(cardNumber('999051', 7, 16)).toMatch(/^9990\d{12}$/);
  });

  it('gives account numbers of 17 digits', () => {
    expect(accountNumber(1)).toMatch(/^\d{17}$/);
  });
});
