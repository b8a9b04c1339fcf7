import { deriveId } from '@bankcrm/kernel';
import { CustomersService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Product, ProductsService } from '@bankcrm/proto/gen/bankcrm/customer/v1/products_service.ts';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openReads, type ReadBench, type StaffName, staff } from './support/reading.ts';

let bench: ReadBench;
let owner: pg.Pool;
beforeAll(async () => {
  // In Beijing it is the 24th already.
  bench = await openReads({ clock: { now: () => new Date('2026-11-23T17:00:00Z') } });
  owner = new pg.Pool({ connectionString: bench.urls.owner, max: 1 });
});
afterAll(async () => {
  await owner?.end();
  await bench?.closeAll();
});
beforeEach(() => owner.query('TRUNCATE customer.product'));

const nameOf = (code: string, sourceSystem = 'core') => `products/${deriveId('product', sourceSystem, code)}`;
const snapshot = (code: string, changes: Partial<ProductSnapshot> = {}) =>
  ProductSnapshot.fromPartial({
    sourceSystem: 'core',
    productCode: code,
    version: 1n,
    kind: 4,
    displayNameZh: `产品${code}`,
    ...changes,
  } as ProductSnapshot);
const list = (filter = '', name: StaffName = 'rm', pageSize = 0, pageToken = '') =>
  bench.as(name, ProductsService.listProducts, { filter, pageSize, pageToken });
const codes = async (filter: string) => (await list(filter)).products.map(({ productCode }) => productCode);
const get = (code: string): Promise<Product> => bench.as('rm', ProductsService.getProduct, { name: nameOf(code) });

describe('a product', () => {
  it('is shown as core banking describes it, under an id derived from its source and code', async () => {
    await bench.give(
      'product',
      snapshot('F-01', {
        line: 'Wealth',
        displayNameEn: 'Steady Growth',
        riskLevel: 'r2',
        annualMarginMicros: 8_500n,
        saleStartDate: '2026-11-24',
        saleEndDate: '2026-11-24',
      }),
    );
    expect(await get('F-01')).toMatchObject({
      name: nameOf('F-01'),
      sourceSystem: 'core',
      productCode: 'F-01',
      line: 'wealth',
      kind: 'fund',
      displayNameZh: '产品F-01',
      displayNameEn: 'Steady Growth',
      riskLevel: 'R2',
      annualMarginMicros: 8_500n,
      saleStartDate: '2026-11-24',
      saleEndDate: '2026-11-24',
      onSale: true,
      flags: [],
    });
  });

  it('keeps its newest version whatever the order, and takes a repair of the same version that differs', async () => {
    const named = (version: bigint, displayNameZh: string, repair = false) =>
      snapshot('F-01', { version, displayNameZh, repair });
    await bench.give('product', named(3n, 'c'), named(2n, 'b'));
    await bench.give('product', named(1n, 'a'));
    await bench.give('product', named(3n, 'again'));
    expect((await get('F-01')).displayNameZh).toBe('c');
    await bench.give('product', named(3n, 'mended', true));
    expect((await get('F-01')).displayNameZh).toBe('mended');
    await bench.give('product', named(4n, 'd'));
    expect((await get('F-01')).displayNameZh).toBe('d');
  });

  it('of a kind that is not known here, without margin and dates, is taken and flagged', async () => {
    await bench.give('product', snapshot(' Ｆ-02', { kind: 99 as 1 }));
    expect(await get('F-02')).toMatchObject({
      kind: '',
      annualMarginMicros: undefined,
      saleStartDate: '',
      onSale: true,
      flags: ['UNKNOWN_CODE'],
    });
  });

  it('that there is not is not found, and a name that is none is refused', async () => {
    await expect(get('nothing')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(bench.as('rm', ProductsService.getProduct, { name: 'products/1' })).rejects.toMatchObject({ kind: 'INVALID' });
  });
});

describe('the list', () => {
  beforeEach(() =>
    bench.give(
      'product',
      snapshot('D', { kind: 1, line: 'retail' }),
      snapshot('A', { kind: 4, line: 'wealth', saleEndDate: '2026-11-23' }),
      snapshot('C', { kind: 4, line: 'retail', saleStartDate: '2026-11-25' }),
      snapshot('B', { kind: 4, line: 'wealth', saleStartDate: '2026-11-24' }),
      snapshot('A', { sourceSystem: 'card', kind: 6, line: 'card' }),
    ),
  );

  it('comes by source and code, in pages', async () => {
    const first = await list('', 'rm', 3);
    const second = await list('', 'rm', 3, first.nextPageToken);
    const shown = [...first.products, ...second.products].map((one) => `${one.sourceSystem}/${one.productCode}`);
    expect(shown).toEqual(['card/A', 'core/A', 'core/B', 'core/C', 'core/D']);
    expect(second.nextPageToken).toBe('');
    await expect(list('line = "retail"', 'rm', 3, first.nextPageToken)).rejects.toMatchObject({ reason: 'INVALID_PAGE_TOKEN' });
  });

  it('is filtered by kind, line and whether it is on sale on the bank’s day', async () => {
    expect(await codes('kind = "fund" AND line = "wealth"')).toEqual(['A', 'B']);
    expect(await codes('kind = "fund" AND on_sale = true')).toEqual(['B']);
    expect(await codes('on_sale = false')).toEqual(['A', 'C']);
    expect(await codes('kind = "fund" AND kind = "loan"')).toEqual([]);
    await expect(list('risk_level = "R1"')).rejects.toMatchObject({ reason: 'INVALID_FILTER' });
  });

  it('is for those who list customers, and marketers; for nobody else', async () => {
    for (const name of Object.keys(staff) as StaffName[]) {
      if (name === 'operator') await expect(list('', name)).rejects.toMatchObject({ kind: 'DENIED' });
      else expect((await list('', name)).products).toHaveLength(5);
    }
  });

  it('is nobody’s without a caller', async () => {
    const { rows } = await bench.requests.query('SELECT count(*)::int AS count FROM customer.product');
    expect(rows).toEqual([{ count: 0 }]);
  });
});

describe('customer 360', () => {
  it('shows grade and score of a person, and transaction limits and product of a holding, limits with the permission only', async () => {
    await bench.give('product', snapshot('S-01'));
    await bench.give(
      'customer',
      CustomerSnapshot.fromPartial({
        sourceSystem: 'core',
        sourceId: 'G1',
        version: 1n,
        state: 1,
        homeBranchCode: 'BJ-CY',
        rmStaffNumber: staff.rm,
        profile: { $case: 'individual', value: { fullName: '李娜', creditGrade: 'aa', creditScore: 712 } },
      }),
    );
    await bench.give(
      'account',
      AccountSnapshot.fromPartial({
        sourceSystem: 'core',
        sourceId: 'G1-01',
        version: 1n,
        kind: 1,
        state: 1,
        productCode: 'S-01',
        currencyCode: 'CNY',
        daysPastDue: 12,
        holders: [{ customerSourceId: 'G1', role: 1 }],
        limits: [
          { kind: 'transaction-single', channel: '', limit: { currencyCode: 'CNY', minorUnits: 9_007_199_254_740_993n } },
          { kind: 'transaction-daily', channel: 'mobile', limit: { currencyCode: 'CNY', minorUnits: 5_000_000n } },
        ],
      }),
    );
    const name = `customers/${await bench.customerOf('G1')}`;
    const { customer, holdings } = await bench.as('rm', CustomersService.viewCustomer360, { name });
    expect(customer!.individual).toMatchObject({ creditGrade: 'AA', creditScore: 712 });
    expect(holdings[0]).toMatchObject({
      product: nameOf('S-01'),
      daysPastDue: 12,
      transactionLimits: [
        {
          kind: 'transaction-single',
          channel: '',
          limit: { currencyCode: 'CNY', units: 90_071_992_547_409n, nanos: 930_000_000 },
        },
        { kind: 'transaction-daily', channel: 'mobile', limit: { currencyCode: 'CNY', units: 50_000n, nanos: 0 } },
      ],
    });
    // Administrators see no financial data.
    const masked = await bench.as('admin', CustomersService.viewCustomer360, { name });
    expect(masked.holdings[0]).toMatchObject({ product: nameOf('S-01'), daysPastDue: 0, transactionLimits: [] });
  });
});
