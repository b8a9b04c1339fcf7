import { describe, expect, it } from 'vitest';
import { convert, currencyDigits, isCurrency, minorDigits, parseRate, toWire } from './index.ts';

describe('currencies', () => {
  it('are those of list one, each with its digits', () => {
    // Counted in the list of 2026-01-01: 178 codes, 13 of them without digits.
    const counts = [0, 2, 3, 4].map(
      (digits) => [...currencyDigits].filter(([code, own]) => own === digits && !/^X[BDSU][ABCDRU]$/.test(code)).length,
    );
    expect(counts).toEqual([17, 139, 7, 2]);
    expect(currencyDigits.size).toBe(178 - 2);
    expect(
      Object.fromEntries(
        [
          'CNY',
          'JPY',
          'KWD',
          'CLF',
          'UYW',
          'UYI',
          'IQD',
          'ISK',
          'MRU',
          'MGA',
          'XCG',
          'ZWG',
          'SLE',
          'VED',
          'XAD',
          'CHE',
          'BOV',
        ].map((code) => [code, minorDigits(code)]),
      ),
    ).toEqual({
      CNY: 2,
      JPY: 0,
      KWD: 3,
      CLF: 4,
      UYW: 4,
      UYI: 0,
      IQD: 3,
      ISK: 0,
      MRU: 2,
      MGA: 2,
      XCG: 2,
      ZWG: 2,
      SLE: 2,
      VED: 2,
      XAD: 2,
      CHE: 2,
      BOV: 2,
    });
  });

  it('are none where a code was withdrawn, stands for none, or is no code', () => {
    for (const code of ['XXX', 'XTS', 'ANG', 'BGN', 'HRK', 'CUC', 'DEM', 'ZWL', 'ZZZ', 'cny', 'CNY ', '', 'toString'])
      expect([code, isCurrency(code)]).toEqual([code, false]);
  });

  it('are metals too: gold to the millionth of a troy ounce, finer than the 0.0001 g that banks book', () => {
    for (const code of ['XAU', 'XAG', 'XPT', 'XPD']) expect([code, isCurrency(code), minorDigits(code)]).toEqual([code, true, 6]);
    expect(isCurrency('XDR')).toBe(true);
    // 0.0001 g and 0.0002 g in troy ounces of 31.1034768 g: 3.2 and 6.4 millionths.
    const ounces = (grams: number) => Math.round((grams / 31.103_476_8) * 1e6);
    expect(ounces(0.0002)).toBeGreaterThan(ounces(0.0001));
    expect(toWire({ currencyCode: 'XAU', minorUnits: 1_500_000n })).toEqual({
      currencyCode: 'XAU',
      units: 1n,
      nanos: 500_000_000,
    });
    // 10 troy ounces at CNY 29,000.50 are CNY 290,005.00.
    expect(convert({ currencyCode: 'XAU', minorUnits: 10_000_000n }, parseRate('29000.5'), 'CNY').minorUnits).toBe(29_000_500n);
  });
});
