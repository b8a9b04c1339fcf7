import { civilDate, notFound, parseName } from '@bankcrm/kernel';
import type { GetProductRequest, Product } from '@bankcrm/proto/gen/bankcrm/customer/v1/products_service.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { type ProductRow, productOf, selectProducts } from '../../store/product-row.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';

/** One product of the catalogue. Throws NOT_FOUND. */
export const getProduct =
  (deps: CustomerDeps) =>
  async (request: GetProductRequest, call: Call): Promise<Product> => {
    callingStaff(call);
    const [productId] = parseName('products/*', request.name, 'name');
    return asCaller(deps, call, async (tx) => {
      const { rows } = await tx.query<ProductRow>({
        name: 'get-product',
        text: `${selectProducts} WHERE product_id = $2`,
        values: [civilDate(deps.clock.now(), deps.timeZone), productId],
      });
      if (rows[0] === undefined) throw notFound();
      return productOf(rows[0]);
    });
  };
