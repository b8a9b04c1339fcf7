import type { Product } from '@bankcrm/proto/gen/bankcrm/customer/v1/products_service.ts';

/** A row of `customer.product` with whether it is on sale. */
export interface ProductRow {
  product_id: string;
  source_system: string;
  product_code: string;
  line: string;
  kind: string;
  display_name_zh: string;
  display_name_en: string;
  risk_level: string;
  annual_margin_micros: bigint | null;
  sale_start_date: string | null;
  sale_end_date: string | null;
  on_sale: boolean;
  flags: string[];
  update_time: Date;
}

/** Whether a product is on sale on a day, as SQL: through its last day. `day` is an SQL parameter. */
export const onSale = (day: string): string =>
  `(coalesce(sale_start_date, '-infinity') <= ${day}::date AND coalesce(sale_end_date, 'infinity') >= ${day}::date)`;

/** What {@link ProductRow} is read from, by the day of the first parameter. */
export const selectProducts = `
  SELECT product_id, source_system, product_code, line, kind, display_name_zh, display_name_en, risk_level, annual_margin_micros, sale_start_date,
    sale_end_date, ${onSale('$1')} AS on_sale, flags, update_time
  FROM customer.product`;

export const productOf = (row: ProductRow): Product => ({
  name: `products/${row.product_id}`,
  sourceSystem: row.source_system,
  productCode: row.product_code,
  line: row.line,
  kind: row.kind,
  displayNameZh: row.display_name_zh,
  displayNameEn: row.display_name_en,
  riskLevel: row.risk_level,
  annualMarginMicros: row.annual_margin_micros ?? undefined,
  saleStartDate: row.sale_start_date ?? '',
  saleEndDate: row.sale_end_date ?? '',
  onSale: row.on_sale,
  flags: row.flags,
  updateTime: row.update_time,
});
