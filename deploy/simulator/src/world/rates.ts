import type { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { formatDay, instantOf } from '../calendar.ts';
import type { BankEvent } from './history.ts';
import { randomFor, type World } from './world.ts';

/** Where each pair stood about the window's beginning, in ten-thousandths of CNY per unit. */
const anchors = [
  { base: 'USD', tenThousandths: 71_200 },
  { base: 'HKD', tenThousandths: 9_120 },
  { base: 'EUR', tenThousandths: 81_500 },
] as const;

/** A quote of every currency against CNY for every day from the window's first to its last, 9:15 in the morning. */
export function* ratesOf(world: World): Generator<BankEvent & { type: 'rate' }> {
  for (let day = world.start; day <= world.until; day++)
    for (const [position, { base, tenThousandths }] of anchors.entries()) {
      // A slow swing and a day's noise within ±2 %: close to how these pairs move, and each day stands alone.
      const swing = Math.sin(day / 29 + position) * 0.012 + (randomFor(world, 'rates', day, position).unit() - 0.5) * 0.006;
      const value: RateQuoted = {
        sourceSystem: world.sourceSystem,
        baseCurrencyCode: base,
        quoteCurrencyCode: 'CNY',
        rateDate: formatDay(day),
        rate: (Math.round(tenThousandths * (1 + swing)) / 10_000).toFixed(4),
        version: 1n,
      };
      yield { type: 'rate', at: instantOf(day, 33_300), value };
    }
}
