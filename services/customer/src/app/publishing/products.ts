import { columns } from '@bankcrm/database';
import { type StateFeed, uuidKeysAfter } from '@bankcrm/events';
import { eventType } from '@bankcrm/proto/descriptors';
import { ProductChanged } from '@bankcrm/proto/gen/bankcrm/customer/v1/products.ts';

const changed = eventType<ProductChanged>('bankcrm.customer.v1.ProductChanged');

interface Row {
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
}

/** The catalogues of core banking's systems. */
export const products: StateFeed = {
  name: 'products',
  topic: 'bankcrm.customer.v1.products',
  keysAfter: uuidKeysAfter('customer.product', 'product_id'),
  async read(tx, productIds, sequence) {
    const { rows } = await tx.query<Row>({
      name: 'read-products',
      text: `
        SELECT product_id, source_system, product_code, line, kind, display_name_zh, display_name_en, risk_level, annual_margin_micros,
          sale_start_date, sale_end_date
        FROM customer.product WHERE product_id = ANY ($1::uuid[])`,
      values: [columns.uuids(productIds)],
    });
    return rows.map((row) => {
      const product = `products/${row.product_id}`;
      const state: ProductChanged = {
        product,
        sequence,
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
      };
      const { type, key } = changed(state);
      return { type, key, subject: product, sequence, payload: ProductChanged.encode(state).finish() };
    });
  },
};
