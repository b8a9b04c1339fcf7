import { civilDate } from '@bankcrm/kernel';
import type { CountCustomersRequest, CountCustomersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import type { Call } from '@bankcrm/service';
import { countCustomers as count } from '../../adapters/postgres/customer-lists.ts';
import { asCaller, type CustomerDeps, staffOf } from '../deps.ts';
import { readCriteria } from './read-criteria.ts';

/** How many customers a list with the same filter has. */
export const countCustomers =
  (deps: CustomerDeps) =>
  async (request: CountCustomersRequest, call: Call): Promise<CountCustomersResponse> => {
    const caller = staffOf(call);
    const criteria = readCriteria(request.filter, caller, deps, civilDate(deps.clock.now(), deps.timeZone));
    if (criteria.impossible) return { count: 0n };
    return { count: await asCaller(deps, caller, (tx) => count(tx, caller, criteria), { planned: 'anew' }) };
  };
