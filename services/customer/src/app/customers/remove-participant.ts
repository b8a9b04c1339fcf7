import { notFound, parseName, refused } from '@bankcrm/kernel';
import type { RemoveParticipantRequest, RemoveParticipantResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { Reason } from '../../domain/reasons.ts';
import { actOn, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';
import { publishChanges } from '../golden-record/publish-changes.ts';
import { restrictionOf } from './restrictions.ts';

/** Ends somebody's sight of a restricted customer. Throws NOT_FOUND, and REFUSED `NAMED_BY_CORE` for whom core banking names. */
export const removeParticipant =
  (deps: CustomerDeps) =>
  async (request: RemoveParticipantRequest, call: Call): Promise<RemoveParticipantResponse> => {
    callingStaff(call);
    const [customerId, staffId] = parseName('customers/*/participants/*', request.name, 'name') as [string, string];
    return asCaller(deps, call, async (tx) => {
      await restrictionOf(tx, customerId);
      const { rows } = await tx.query<{ source: string }>('SELECT source FROM customer.participants_of($1) WHERE staff_id = $2', [
        customerId,
        staffId,
      ]);
      if (!rows[0]) throw notFound();
      if (rows[0].source === 'core') throw refused(Reason.namedByCore);
      const now = deps.clock.now();
      const { rows: removed } = await tx.query<{ version: bigint | null }>(
        'SELECT customer.remove_participant($1, $2, $3) AS version',
        [customerId, staffId, now],
      );
      const version = removed[0]?.version;
      if (version === undefined || version === null) throw notFound();
      await publishChanges(tx, new Map([[customerId, { version, changedFields: ['participants'] }]]), () => 'manual', now);
      const changes = [{ field: 'participant', oldValue: `staff/${staffId}`, newValue: '' }];
      await recordAct(tx, actOn(customerId, call, deps, now, { resource: request.name, changes }));
      return {};
    });
  };
