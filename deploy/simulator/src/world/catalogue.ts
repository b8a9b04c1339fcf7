import type { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { type Day, instantOf, parseDay } from '../calendar.ts';
import { catalogue } from '../data/catalogue.ts';
import type { BankEvent } from './history.ts';
import { keeperOf } from './systems.ts';
import type { World } from './world.ts';

/** When the catalogue was set up, long before any product left it. */
const setUp = parseDay('2000-01-03');

/** Every product as the system that keeps its holdings knows it; one that left the sale comes twice: as it was, and with its end. */
export function* catalogueOf(world: World): Generator<BankEvent & { type: 'product' }> {
  for (const { code, line, kind, zh, en, risk, marginMicros, from, to } of catalogue.values()) {
    const sourceSystem = keeperOf(world, kind);
    const at = (day: Day): Date => instantOf(Math.min(day, world.until), 32_400);
    const value: ProductSnapshot = {
      sourceSystem,
      productCode: code,
      version: 1n,
      updateTime: at(setUp),
      repair: false,
      line,
      kind,
      displayNameZh: zh,
      displayNameEn: en,
      riskLevel: risk,
      annualMarginMicros: BigInt(marginMicros),
      saleStartDate: from,
      saleEndDate: '',
    };
    yield { type: 'product', at: value.updateTime as Date, value };
    if (to === '') continue;
    const updateTime = at(parseDay(to));
    yield { type: 'product', at: updateTime, value: { ...value, version: 2n, updateTime, saleEndDate: to } };
  }
}

/** The newest version of each product. */
export const newestProducts = (world: World): (BankEvent & { type: 'product' })[] => [
  ...new Map([...catalogueOf(world)].map((event) => [event.value.productCode, event])).values(),
];
