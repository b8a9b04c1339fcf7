import type { Tx } from '@bankcrm/database';
import { notFound } from '@bankcrm/kernel';
import { customerScopeSql } from '@bankcrm/scope';
import { prepared } from './parameters.ts';

/** The scope predicate; row-level security says the same once more. */
export const scopeOf = (alias: string): string => customerScopeSql({ customer: alias, schema: 'customer' });

/** The version of a customer that the caller sees, locked against changes if asked. Throws NOT_FOUND for any other. */
export async function requireCustomer(tx: Tx, customerId: string, lock = false): Promise<bigint> {
  const { rows } = await tx.query<{ version: bigint }>(
    prepared({
      text: `SELECT c.version FROM customer.customer AS c WHERE c.customer_id = $1 AND ${scopeOf('c')}${lock ? ' FOR NO KEY UPDATE OF c' : ''}`,
      values: [customerId],
    }),
  );
  if (!rows[0]) throw notFound();
  return rows[0].version;
}
