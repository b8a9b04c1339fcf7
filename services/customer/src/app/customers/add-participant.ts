import { alreadyExists, invalid, parseName, refused } from '@bankcrm/kernel';
import type { AddParticipantRequest, Participant } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { requireNote } from '../../domain/free-text.ts';
import { Reason } from '../../domain/reasons.ts';
import { actOn, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';
import { publishChanges } from '../golden-record/publish-changes.ts';
import { restrictionOf } from './restrictions.ts';

/**
 * Lets one more member of staff see a restricted customer. Throws REFUSED `NOT_RESTRICTED`, and `CANNOT_NAME_ONESELF`: who keeps a restriction
 * is named by somebody else. Throws ALREADY_EXISTS for somebody who takes part.
 */
export const addParticipant =
  (deps: CustomerDeps) =>
  async (request: AddParticipantRequest, call: Call): Promise<Participant> => {
    const caller = callingStaff(call);
    const customerId = parseName('customers/*', request.parent, 'parent')[0]!;
    const { participant } = request;
    if (!participant) throw invalid('participant', 'must be given');
    const staffId = parseName('staff/*', participant.staff, 'participant.staff')[0]!;
    if (deps.staff.staffNumberOf(staffId) === undefined) throw invalid('participant.staff', 'must be a member of staff');
    const reason = requireNote('participant.reason', participant.reason);
    const now = deps.clock.now();
    const { expireTime } = participant;
    if (expireTime !== undefined && !(expireTime > now)) throw invalid('participant.expire_time', 'must lie in the future');
    if (staffId === caller.staffId) throw refused(Reason.cannotNameOneself);

    return asCaller(deps, call, async (tx) => {
      const { restricted } = await restrictionOf(tx, customerId);
      if (!restricted) throw refused(Reason.notRestricted);
      const { rows } = await tx.query<{ version: bigint | null }>(
        'SELECT customer.add_participant($1, $2, $3, $4, $5) AS version',
        [customerId, staffId, reason, expireTime ?? null, now],
      );
      const version = rows[0]?.version;
      if (version === undefined || version === null) throw alreadyExists(Reason.participantExists);
      await publishChanges(tx, new Map([[customerId, { version, changedFields: ['participants'] }]]), () => 'manual', now);
      const name = `customers/${customerId}/participants/${staffId}`;
      const changes = [{ field: 'participant', oldValue: '', newValue: `staff/${staffId}` }];
      await recordAct(tx, actOn(customerId, call, deps, now, { resource: name, reason, changes }));
      return { name, staff: `staff/${staffId}`, reason, expireTime };
    });
  };
