import { invalid, parseName } from '@bankcrm/kernel';
import type { BatchGetNamesRequest, BatchGetNamesResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { prepared } from '../../store/parameters.ts';
import { scopeOf } from '../../store/visible-customer.ts';
import { recordList } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';

const mostNames = 200;

/** Names of customers in the caller's sight, in the order asked for; the others are absent, whether they exist or not. */
export const batchGetNames =
  (deps: CustomerDeps) =>
  async (request: BatchGetNamesRequest, call: Call): Promise<BatchGetNamesResponse> => {
    callingStaff(call);
    if (request.names.length === 0) throw invalid('names', 'must be given');
    if (request.names.length > mostNames) throw invalid('names', `must be at most ${mostNames}`);
    const ids = request.names.map((name) => parseName('customers/*', name, 'names')[0]!);
    const rows = await asCaller(deps, call, async (tx) => {
      const found = await tx.query<{ customer_id: string; full_name: string }>(prepared({ text: namesSql, values: [ids] }));
      await recordList(tx, call, deps, request.names, found.rows.length);
      return found.rows;
    });
    return { customers: rows.map((row) => ({ name: `customers/${row.customer_id}`, fullName: row.full_name })) };
  };

const namesSql = `
    SELECT c.customer_id, c.full_name
    FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (customer_id, place) JOIN customer.customer AS c USING (customer_id)
    WHERE ${scopeOf('c')} ORDER BY asked.place`;
