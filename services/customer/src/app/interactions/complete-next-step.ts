import { notFound, parseName, refused, requireEtag, staleEtag } from '@bankcrm/kernel';
import { eventType } from '@bankcrm/proto/descriptors';
import type { CompleteNextStepRequest, Interaction } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { NextStepCompleted } from '@bankcrm/proto/gen/bankcrm/customer/v1/events.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { Reason } from '../../domain/reasons.ts';
import { type InteractionRow, interactionColumns, interactionOf } from '../../store/interaction-row.ts';
import { requireCustomer } from '../../store/visible-customer.ts';
import { actOn, recordAct } from '../acts.ts';
import { asCaller, type CustomerDeps } from '../deps.ts';
import { publishInteraction, subjectOf } from './publish-interaction.ts';

const completed = eventType<NextStepCompleted>('bankcrm.customer.v1.NextStepCompleted');

/**
 * Marks the next step of an interaction as done. Throws NOT_FOUND, ABORTED for another etag than the current one, and REFUSED
 * `NO_NEXT_STEP` or `NEXT_STEP_DONE`.
 */
export const completeNextStep =
  (deps: CustomerDeps) =>
  async (request: CompleteNextStepRequest, call: Call): Promise<Interaction> => {
    const { staffId } = callingStaff(call);
    const [customerId, interactionId] = parseName('customers/*/interactions/*', request.name, 'name') as [string, string];
    requireEtag(request.etag);
    return asCaller(deps, call, async (tx) => {
      await requireCustomer(tx, customerId);
      const { rows } = await tx.query<InteractionRow>(
        `SELECT ${interactionColumns} FROM customer.interaction WHERE interaction_id = $1 AND customer_id = $2 FOR UPDATE`,
        [interactionId, customerId],
      );
      const current = rows[0];
      if (!current) throw notFound();
      if (String(current.version) !== request.etag) throw staleEtag();
      if (current.next_step === '') throw refused(Reason.noNextStep);
      if (current.next_step_done) throw refused(Reason.nextStepDone);
      const { rows: changed } = await tx.query<InteractionRow>(
        `UPDATE customer.interaction SET next_step_done = true, version = version + 1 WHERE interaction_id = $1 RETURNING ${interactionColumns}`,
        [interactionId],
      );
      const now = deps.clock.now();
      const place = { customerId, interactionId };
      const sequence = BigInt(changed[0]!.version);
      const event = { ...subjectOf(place), sequence, completeTime: now, staff: `staff/${staffId}` };
      await publishInteraction(tx, { ...place, sequence, now }, completed(event), NextStepCompleted.encode(event));
      const changes = [{ field: 'next_step.done', oldValue: 'false', newValue: 'true' }];
      await recordAct(tx, actOn(customerId, call, deps, now, { resource: request.name, changes }));
      return interactionOf(changed[0]!, `customers/${customerId}`);
    });
  };
