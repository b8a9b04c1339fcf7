import { notFound, parseName, refused, requireEtag, staleEtag } from '@bankcrm/kernel';
import type {
  Customer,
  LiftRestrictionRequest,
  RestrictCustomerRequest,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { requireNote } from '../../domain/free-text.ts';
import { Reason } from '../../domain/reasons.ts';
import { actOn, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';
import { publishChanges } from '../golden-record/publish-changes.ts';
import { readCustomer } from './get-customer.ts';
import { restrictionOf } from './restrictions.ts';

type Request = RestrictCustomerRequest | LiftRestrictionRequest;

/** From now on only named participants see the customer, the caller being the first. Throws REFUSED `ALREADY_RESTRICTED`. */
export const restrictCustomer = (deps: CustomerDeps) => (request: RestrictCustomerRequest, call: Call) =>
  setRestriction(deps, request, call, true);

/**
 * Everybody in scope sees the customer again. Only a participant lifts a restriction: who set it, or who was named by somebody else. So
 * nobody lifts one that keeps them out. Throws REFUSED `NOT_RESTRICTED`, `NOT_A_PARTICIPANT`, or `RESTRICTED_BY_CORE` where core banking says so.
 */
export const liftRestriction = (deps: CustomerDeps) => (request: LiftRestrictionRequest, call: Call) =>
  setRestriction(deps, request, call, false);

async function setRestriction(deps: CustomerDeps, request: Request, call: Call, restricted: boolean): Promise<Customer> {
  callingStaff(call);
  const customerId = parseName('customers/*', request.name, 'name')[0]!;
  const reason = requireNote('reason', request.reason);
  requireEtag(request.etag);
  const now = deps.clock.now();
  return asCaller(deps, call, async (tx) => {
    const restriction = await restrictionOf(tx, customerId);
    if (restricted && restriction.restricted) throw refused(Reason.alreadyRestricted);
    if (!restricted && !restriction.restricted) throw refused(Reason.notRestricted);
    if (!restricted && restriction.byCore) throw refused(Reason.restrictedByCore);
    if (!restricted && !restriction.takesPart) throw refused(Reason.notAParticipant);
    if (String(restriction.version) !== request.etag) throw staleEtag();
    const { rows } = await tx.query<{ version: bigint | null }>('SELECT customer.set_wall($1, $2, $3, $4, $5, $6) AS version', [
      customerId,
      restriction.version,
      restricted,
      reason,
      now,
      now.toISOString(),
    ]);
    const version = rows[0]?.version;
    if (version === undefined) throw notFound();
    if (version === null) throw staleEtag();
    await publishChanges(tx, new Map([[customerId, { version, changedFields: ['restricted'] }]]), () => 'manual', now);
    const changes = [{ field: 'restricted', oldValue: String(!restricted), newValue: String(restricted) }];
    await recordAct(tx, actOn(customerId, call, deps, now, { changes, reason }));
    return readCustomer(tx, customerId, call, deps);
  });
}
