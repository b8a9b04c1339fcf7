import { AssetPanorama } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { describe, expect, it } from 'vitest';
import { type Position, panoramaOf } from './panorama.ts';

const position = (kind: string, currencyCode: string, balanceMinor: bigint, rate?: string, rateDate?: string): Position => ({
  kind,
  currencyCode,
  balanceMinor,
  holdings: 1,
  rate,
  rateDate,
});
const minor = (money: { units: bigint; nanos: number } | undefined) =>
  money && Number(money.units) * 100 + money.nanos / 10_000_000;

describe('panorama', () => {
  it('counts deposits, wealth and funds as assets, loans and credit cards as liabilities, debit cards not at all', () => {
    const panorama = panoramaOf(
      ['deposit', 'term-deposit', 'wealth', 'fund', 'loan', 'credit-card', 'debit-card', 'unknown'].map((kind, index) =>
        position(kind, 'CNY', 10n ** BigInt(index)),
      ),
      'CNY',
    );
    expect(minor(panorama.totalAssets)).toBe(1_111);
    expect(minor(panorama.totalLiabilities)).toBe(110_000);
    expect(minor(panorama.totalNet)).toBe(1_111 - 110_000);
    expect(panorama.byKind.map(({ kind }) => kind)).toEqual(['deposit', 'fund', 'term-deposit', 'wealth']);
  });

  it('rounds once per currency, half to even', () => {
    // 0.05 and 0.05 USD at 0.5: each alone would round 2.5 to 2; together they are 0.10 → 0.05.
    const panorama = panoramaOf(
      [position('deposit', 'USD', 5n, '0.5', '2026-01-02'), position('wealth', 'USD', 5n, '0.5', '2026-01-02')],
      'CNY',
    );
    expect(minor(panorama.totalAssets)).toBe(5);
    expect(panorama.byCurrency).toHaveLength(1);
  });

  it('can be sent however absurd a rate is', () => {
    const most = 10n ** 17n;
    const panorama = panoramaOf(
      [position('deposit', 'USD', most, '999999999', '2026-01-02'), position('loan', 'EUR', most, '999999999', '2026-01-02')],
      'CNY',
    );
    expect(AssetPanorama.decode(AssetPanorama.encode(panorama).finish())).toMatchObject({
      totalAssets: { units: 9_223_372_036_854_775_807n },
      byCurrency: [{ currencyCode: 'EUR', liabilities: { units: 10n ** 15n } }, { assets: { units: 10n ** 15n } }],
    });
  });

  it('names currencies without a rate instead of guessing, and dates itself by the oldest rate', () => {
    const panorama = panoramaOf(
      [
        position('deposit', 'CNY', 100n),
        position('deposit', 'JPY', 5_000n),
        position('loan', 'EUR', 100n, '8', '2026-01-03'),
        position('deposit', 'USD', 100n, '7', '2026-01-02'),
      ],
      'CNY',
    );
    expect(panorama.currenciesWithoutRate).toEqual(['JPY']);
    expect(panorama.rateDate).toBe('2026-01-02');
    expect(minor(panorama.totalAssets)).toBe(800);
    expect(minor(panorama.totalLiabilities)).toBe(800);
    expect(panorama.byCurrency.map(({ currencyCode }) => currencyCode)).toEqual(['CNY', 'EUR', 'JPY', 'USD']);
  });

  it('is zero in the bank’s currency for a customer without holdings', () => {
    expect(panoramaOf([], 'CNY')).toMatchObject({
      totalAssets: { currencyCode: 'CNY', units: 0n },
      byCurrency: [],
      byKind: [],
      rateDate: '',
    });
  });
});
