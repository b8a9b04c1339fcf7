import { ProductsService } from '@bankcrm/proto/gen/bankcrm/customer/v1/products_service.ts';
import type { GrpcServer } from '@bankcrm/service';
import type { CustomerDeps } from '../../app/deps.ts';
import { getProduct } from '../../app/products/get-product.ts';
import { listProducts } from '../../app/products/list-products.ts';

/** Serves bankcrm.customer.v1.Products. */
export function addProducts(server: Pick<GrpcServer, 'add'>, deps: CustomerDeps): void {
  server.add(ProductsService, { listProducts: listProducts(deps), getProduct: getProduct(deps) });
}
