import { customerScopeSql } from './customer-scope.ts';

/** SQL that is true for the rows of `scope.customer` under this alias that the caller sees: the first wall, in a service's own queries. */
export const customersInSight = (alias: string): string => customerScopeSql({ customer: alias, schema: 'scope' });

/**
 * The second wall of a service's own table whose rows have a `customer_id`: the text of its policy, `CREATE POLICY request_scope ON … TO …_request USING (…)`. A row is
 * seen by those who see the customer that its customer is part of now. OFFSET 0 keeps it a probe by key.
 */
export const customerPolicySql = (table: string): string =>
  `EXISTS (SELECT FROM scope.customer AS seen WHERE seen.customer_id = scope.survivor_of(${table}.customer_id) OFFSET 0)`;
