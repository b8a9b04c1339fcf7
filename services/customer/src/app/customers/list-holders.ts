import { notFound, parseName } from '@bankcrm/kernel';
import type { ListHoldersRequest, ListHoldersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { roleName } from '../../store/holding-row.ts';
import { requireCustomer, scopeOf } from '../../store/visible-customer.ts';
import { actOn, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';

/**
 * Who holds an account of a customer that the caller sees; holders out of scope are only counted, and restricted ones out of sight not even that. Throws
 * NOT_FOUND.
 */
export const listHolders =
  (deps: CustomerDeps) =>
  async (request: ListHoldersRequest, call: Call): Promise<ListHoldersResponse> => {
    callingStaff(call);
    const [customerId, accountId] = parseName('customers/*/holdings/*', request.parent, 'parent') as [string, string];
    return asCaller(deps, call, async (tx) => {
      await requireCustomer(tx, customerId);
      const { rows } = await tx.query<{
        customer_id: string;
        full_name: string;
        role: number;
        parties: bigint;
        holder_count: number;
      }>(
        `SELECT c.customer_id, c.full_name, min(holder.role) AS role, count(*) AS parties, coalesce(
           (SELECT holder_count - customer.hidden_holders(account_id) FROM customer.account WHERE account_id = $1),
           (SELECT holder_count FROM customer.signed_lines($2) WHERE account_id = $1)) AS holder_count
         FROM customer.holder JOIN customer.party USING (party_id) JOIN customer.customer AS c USING (customer_id)
         WHERE holder.account_id = $1 AND ${scopeOf('c')} GROUP BY c.customer_id, c.full_name
         ORDER BY role, c.name_order, c.customer_id`,
        [accountId, customerId],
      );
      if (!rows.some((row) => row.customer_id === customerId)) throw notFound();
      await recordAct(tx, actOn(customerId, call, deps, deps.clock.now(), { resource: request.parent }));
      const seen = rows.reduce((sum, row) => sum + Number(row.parties), 0);
      return {
        holders: rows.map((row) => ({
          customer: `customers/${row.customer_id}`,
          fullName: row.full_name,
          role: roleName(row.role),
        })),
        hiddenHolders: Math.max(rows[0]!.holder_count - seen, 0),
      };
    });
  };
