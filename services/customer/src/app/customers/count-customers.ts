import { civilDate } from '@bankcrm/kernel';
import type { CountCustomersRequest, CountCustomersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { countCustomers as count, withUnits } from '../../store/customer-lists.ts';
import { queryHash, recordList } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';
import { readCriteria } from './read-criteria.ts';

/** How many customers a list with the same filter has; that it was asked is recorded. */
export const countCustomers =
  (deps: CustomerDeps) =>
  async (request: CountCustomersRequest, call: Call): Promise<CountCustomersResponse> => {
    const caller = callingStaff(call);
    call.asksFor(queryHash(deps, [request.filter]));
    const criteria = readCriteria(request.filter, caller, deps, civilDate(deps.clock.now(), deps.timeZone));
    const counted = await asCaller(
      deps,
      call,
      async (tx) => {
        await recordList(tx, call, deps, [request.filter]);
        return criteria.impossible ? 0n : count(tx, await withUnits(tx, caller), criteria);
      },
      { planned: 'anew' },
    );
    return { count: counted };
  };
