import { civilDate } from '@bankcrm/kernel';
import type { ListProductsRequest, ListProductsResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/products_service.ts';
import { type Call, callingStaff, pageSizeOf, parseFilter } from '@bankcrm/service';
import { productCriteria, productFields } from '../../domain/product-criteria.ts';
import { onSale, type ProductRow, productOf, selectProducts } from '../../store/product-row.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';

/** The catalogue, by source system and code. Throws INVALID for a filter or page that cannot be read. */
export const listProducts =
  (deps: CustomerDeps) =>
  async (request: ListProductsRequest, call: Call): Promise<ListProductsResponse> => {
    const { staffId } = callingStaff(call);
    const pageSize = pageSizeOf(request.pageSize);
    const criteria = productCriteria(parseFilter(request.filter, productFields));
    const query = [call.operation, staffId, request.filter];
    const [afterSource, afterCode] = deps.pages.read(query, request.pageToken) ?? [];
    if (criteria.impossible) return { products: [], nextPageToken: '' };

    const rows = await asCaller(deps, call, async (tx) => {
      const { rows } = await tx.query<ProductRow>({
        name: 'list-products',
        text: `${selectProducts}
          WHERE ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR line = $3) AND ($4::bool IS NULL OR ${onSale('$1')} = $4)
            AND ($5::text IS NULL OR (source_system, product_code) > ($5, $6::text))
          ORDER BY source_system, product_code LIMIT $7`,
        values: [
          civilDate(deps.clock.now(), deps.timeZone),
          criteria.kind ?? null,
          criteria.line ?? null,
          criteria.onSale ?? null,
          afterSource ?? null,
          afterCode ?? null,
          pageSize + 1,
        ],
      });
      return rows;
    });
    const shown = rows.slice(0, pageSize);
    const last = rows.length > pageSize ? shown.at(-1) : undefined;
    return {
      products: shown.map(productOf),
      nextPageToken: last ? deps.pages.issue(query, [last.source_system, last.product_code]) : '',
    };
  };
