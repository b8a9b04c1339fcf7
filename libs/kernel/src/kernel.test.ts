import { describe, expect, it } from 'vitest';
import { AppError, add, civilDate, convert, deriveId, isCivilDate, parseName, parseRate, requireEtag, toWire } from './index.ts';

const money = (currencyCode: string, minorUnits: bigint) => ({ currencyCode, minorUnits });

describe('money', () => {
  it('keeps every minor unit on the way to the wire, whatever the currency and sign', () => {
    for (const [code, minor, units, nanos] of [
      ['CNY', 12_345n, 123n, 450_000_000],
      ['CNY', -5n, 0n, -50_000_000],
      ['JPY', 700n, 700n, 0],
      ['KWD', 1_234n, 1n, 234_000_000],
    ] as const) {
      expect(toWire(money(code, minor))).toEqual({ currencyCode: code, units, nanos });
    }
  });

  it('refuses to add different currencies', () => {
    expect(() => add(money('CNY', 1n), money('USD', 1n))).toThrow(AppError);
  });

  it('converts with one rounding, half to even', () => {
    // 100.00 USD × 7.1234 = 712.34 CNY; 0.05 JPY-like halves: 25 × 0.1 = 2.5 → 2, 35 × 0.1 = 3.5 → 4.
    expect(convert(money('USD', 10_000n), parseRate('7.1234'), 'CNY').minorUnits).toBe(71_234n);
    expect(convert(money('CNY', 25n), parseRate('0.1'), 'USD').minorUnits).toBe(2n);
    expect(convert(money('CNY', 35n), parseRate('0.1'), 'USD').minorUnits).toBe(4n);
    expect(convert(money('CNY', -35n), parseRate('0.1'), 'USD').minorUnits).toBe(-4n);
    expect(convert(money('JPY', 1_000n), parseRate('0.0481'), 'CNY').minorUnits).toBe(4_810n);
    expect(convert(money('CNY', 10_000n), parseRate('20.79'), 'JPY').minorUnits).toBe(2_079n);
  });
});

describe('ids', () => {
  it('derives the same id for the same key and keeps parts apart', () => {
    expect(deriveId('party', 'core', 'C1')).toBe(deriveId('party', 'core', 'C1'));
    expect(deriveId('party', 'core', 'C1')).not.toBe(deriveId('party', 'coreC', '1'));
    expect(deriveId('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('reads ids out of resource names and names the field of one that is none', () => {
    const id = '0190a3f0-0000-7000-8000-000000000001';
    expect(parseName('customers/*/interactions/*', `customers/${id}/interactions/${id}`, 'name')).toEqual([id, id]);
    expect(() => parseName('customers/*', 'customers/1', 'name')).toThrow(expect.objectContaining({ kind: 'INVALID' }));
  });
});

describe('dates', () => {
  it('knows real calendar days', () => {
    expect(['2024-02-29', '2026-12-31'].every(isCivilDate)).toBe(true);
    expect(['2026-02-29', '2026-13-01', '2026-1-1', ''].some(isCivilDate)).toBe(false);
    expect(['0001-01-01', '9999-12-31'].every(isCivilDate)).toBe(true);
    expect(['0000-01-01', '0000-12-31', '+010000-01', '-000001-12'].some(isCivilDate)).toBe(false);
  });

  it('gives the civil date in the zone of the bank', () => {
    expect(civilDate(new Date('2026-10-31T16:30:00Z'), 'Asia/Shanghai')).toBe('2026-11-01');
  });
});

it('an etag must be given where one is required, and the field that lacks it is named', () => {
  expect(() => requireEtag('3')).not.toThrow();
  expect(() => requireEtag('', 'staff_member.etag')).toThrow(
    expect.objectContaining({
      kind: 'INVALID',
      reason: 'ETAG_REQUIRED',
      fields: [{ field: 'staff_member.etag', description: 'must be the etag that was read' }],
    }),
  );
});
