import type { Tx } from '@bankcrm/database';
import { civilDate, notFound, parseName } from '@bankcrm/kernel';
import type { Customer, GetCustomerRequest } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { customerOf, type ProfileRow } from '../../store/profile-row.ts';
import { actOn, callerParameters, viewParameters } from '../acts.ts';
import { type CustomerDeps, financialsPermission } from '../deps.ts';

/** One customer with masked identifying values. Throws NOT_FOUND. */
export const getCustomer =
  (deps: CustomerDeps) =>
  async (request: GetCustomerRequest, call: Call): Promise<Customer> => {
    callingStaff(call);
    const customerId = parseName('customers/*', request.name, 'name')[0]!;
    const act = actOn(customerId, call, deps, deps.clock.now());
    const { rows } = await deps.requests.query<{ profile: ProfileRow | null }>({
      name: 'view-customer',
      text: 'SELECT customer.view_customer($1, $2, $3, $4, $5, $6, $7, $8, $9) AS profile',
      values: [...callerParameters(call), customerId, ...viewParameters(act)],
    });
    const profile = rows[0]?.profile;
    if (!profile) throw notFound();
    return shownTo(call, profile, deps);
  };

/** Reads a customer again inside a command's transaction, after its change. Throws NOT_FOUND when the change moved it out of sight. */
export async function readCustomer(tx: Tx, customerId: string, call: Call, deps: CustomerDeps): Promise<Customer> {
  const { rows } = await tx.query<{ profile: ProfileRow | null }>('SELECT customer.profile_of($1) AS profile', [customerId]);
  const profile = rows[0]?.profile;
  if (!profile) throw notFound();
  return shownTo(call, profile, deps);
}

const shownTo = (call: Call, profile: ProfileRow, deps: CustomerDeps): Customer =>
  customerOf(profile, {
    financials: call.caller.permissions.has(financialsPermission),
    today: civilDate(deps.clock.now(), deps.timeZone),
  });
