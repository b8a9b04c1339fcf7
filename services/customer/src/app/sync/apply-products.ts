import { accountKind, tidyProduct } from '@bankcrm/contract/domain';
import { batch, columns, type Tx } from '@bankcrm/database';
import { deriveIdBytes } from '@bankcrm/kernel';
import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { newestByKey } from '../../domain/newest.ts';
import { contentHash } from '../golden-record/content-hash.ts';
import type { SyncDeps } from './deps.ts';
import { byBytes } from './order.ts';

/**
 * Keeps the newest state of each product of the catalogue. An older version changes nothing, the same version only where a repair differs. Several spellings
 * of a code that accounts name alike are one product.
 */
export async function applyProducts(
  tx: Tx,
  { auditKeys }: Pick<SyncDeps, 'auditKeys'>,
  snapshots: readonly ProductSnapshot[],
  now: Date,
): Promise<void> {
  const tidied = snapshots.map((received) => {
    const { snapshot, oddities } = tidyProduct(received);
    // Whether it was asked for is no part of what it says.
    const content = ProductSnapshot.encode({ ...received, repair: false }).finish();
    return { ...snapshot, oddities, contentHash: contentHash(auditKeys, content) };
  });
  const rows = [...newestByKey(tidied, ({ sourceSystem, productCode }) => `${sourceSystem}/${productCode}`).values()]
    .map((product) => ({
      productId: deriveIdBytes('product', product.sourceSystem, product.productCode),
      sourceSystem: product.sourceSystem,
      productCode: product.productCode,
      version: product.version,
      line: product.line,
      kind: product.kind === 0 ? '' : accountKind(product.kind),
      displayNameZh: product.displayNameZh,
      displayNameEn: product.displayNameEn,
      riskLevel: product.riskLevel,
      annualMarginMicros: product.annualMarginMicros,
      saleStartDate: dayOf(product.saleStartDate),
      saleEndDate: dayOf(product.saleEndDate),
      flags: product.oddities.join(),
      contentHash: product.contentHash,
      sourceTime: product.updateTime,
      repair: product.repair,
    }))
    .sort((a, b) => byBytes(a.productId, b.productId));
  await tx.query({
    name: 'upsert-products',
    text: `
      INSERT INTO customer.product AS product (product_id, source_system, product_code, version, line, kind, display_name_zh, display_name_en,
        risk_level, annual_margin_micros, sale_start_date, sale_end_date, flags, content_hash, source_time, update_time)
      SELECT product_id, source_system, product_code, version, line, kind, display_name_zh, display_name_en, risk_level, annual_margin_micros,
        sale_start_date, sale_end_date, string_to_array(flags, ','), content_hash, source_time, $16
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int8[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int8[],
        $11::date[], $12::date[], $13::text[], $14::bytea[], $15::timestamptz[])
        AS given (product_id, source_system, product_code, version, line, kind, display_name_zh, display_name_en, risk_level,
          annual_margin_micros, sale_start_date, sale_end_date, flags, content_hash, source_time)
      ON CONFLICT (product_id) DO UPDATE SET version = excluded.version, line = excluded.line, kind = excluded.kind,
        display_name_zh = excluded.display_name_zh, display_name_en = excluded.display_name_en, risk_level = excluded.risk_level,
        annual_margin_micros = excluded.annual_margin_micros, sale_start_date = excluded.sale_start_date,
        sale_end_date = excluded.sale_end_date, flags = excluded.flags, content_hash = excluded.content_hash,
        source_time = excluded.source_time, update_time = excluded.update_time
      WHERE product.version < excluded.version OR (product.version = excluded.version AND product.product_id = ANY ($17::uuid[])
        AND product.content_hash <> excluded.content_hash)`,
    values: [
      ...batch(rows, {
        productId: 'uuid',
        sourceSystem: 'text',
        productCode: 'text',
        version: 'int8',
        line: 'text',
        kind: 'text',
        displayNameZh: 'text',
        displayNameEn: 'text',
        riskLevel: 'text',
        annualMarginMicros: 'int8',
        saleStartDate: 'date',
        saleEndDate: 'date',
        flags: 'text',
        contentHash: 'bytea',
        sourceTime: 'timestamptz',
      }),
      now,
      columns.uuids(rows.filter(({ repair }) => repair).map(({ productId }) => productId)),
    ],
  });
}

const dayOf = (date: string): string | null => (date === '' ? null : date);
