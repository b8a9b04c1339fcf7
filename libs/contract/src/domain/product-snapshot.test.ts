import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { expect, it } from 'vitest';
import { problemOfProduct, tidyProduct } from './product-snapshot.ts';

const product = ProductSnapshot.fromPartial({
  sourceSystem: 'wealth',
  productCode: 'W-017',
  version: 3n,
  line: 'wealth',
  kind: 3,
  displayNameZh: '稳健增利',
  riskLevel: 'R2',
  annualMarginMicros: 8_500n,
  saleStartDate: '2026-01-01',
  saleEndDate: '2026-12-31',
});

it('a product in order stays as it is', () => {
  expect(problemOfProduct(product)).toBeUndefined();
  expect(tidyProduct(product)).toEqual({ snapshot: product, oddities: [] });
});

it('that need not have a margin, dates or a known kind is taken, and what is odd is flagged', () => {
  const odd = {
    ...product,
    productCode: ' Ｗ-017 ',
    line: 'WEALTH',
    kind: 99 as 1,
    displayNameZh: `稳健\u0000${'长'.repeat(300)}`,
    annualMarginMicros: undefined,
    saleStartDate: '2026/12/31',
    saleEndDate: '2026-02-30',
  };
  expect(problemOfProduct(odd)).toBeUndefined();
  expect(tidyProduct(odd)).toEqual({
    snapshot: {
      ...product,
      kind: 0,
      displayNameZh: `稳健${'长'.repeat(198)}`,
      annualMarginMicros: undefined,
      saleStartDate: '2026-12-31',
      saleEndDate: '',
    },
    oddities: ['CONTROL_CHARACTERS', 'DATE_INVALID', 'TEXT_CUT', 'UNKNOWN_CODE'],
  });
  expect(tidyProduct({ ...product, saleEndDate: '2025-12-31' }).oddities).toEqual(['DATE_IMPLAUSIBLE']);
});

it.each([
  [{ sourceSystem: '' }, 'source_system'],
  [{ productCode: '' }, 'product_code'],
  [{ productCode: '  ' }, 'product_code'],
  [{ productCode: 'x'.repeat(65) }, 'product_code'],
  [{ version: 0n }, 'version'],
  [{ updateTime: new Date('1899-12-31T23:59:59Z') }, 'update_time'],
  [{ displayNameZh: '\u0000 ', displayNameEn: '' }, 'display_name_zh'],
])('with %o is refused', (change, field) => {
  expect(problemOfProduct({ ...product, ...change })).toEqual({ reason: 'INVALID_FIELD', field });
});
