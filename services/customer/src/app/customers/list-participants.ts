import { parseName } from '@bankcrm/kernel';
import type { ListParticipantsRequest, ListParticipantsResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { actOn, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';
import { restrictionOf } from './restrictions.ts';

/** Who may see a restricted customer, for those who keep restrictions. Throws NOT_FOUND. */
export const listParticipants =
  (deps: CustomerDeps) =>
  async (request: ListParticipantsRequest, call: Call): Promise<ListParticipantsResponse> => {
    callingStaff(call);
    const customerId = parseName('customers/*', request.parent, 'parent')[0]!;
    return asCaller(deps, call, async (tx) => {
      await restrictionOf(tx, customerId);
      const { rows } = await tx.query<{ staff_id: string; reason: string; expire_time: Date | null }>(
        'SELECT staff_id, reason, expire_time FROM customer.participants_of($1)',
        [customerId],
      );
      await recordAct(tx, actOn(customerId, call, deps, deps.clock.now()));
      return {
        participants: rows.map((row) => ({
          name: `customers/${customerId}/participants/${row.staff_id}`,
          staff: `staff/${row.staff_id}`,
          reason: row.reason,
          expireTime: row.expire_time ?? undefined,
        })),
      };
    });
  };
